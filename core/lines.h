// Reads a line-oriented kernel file so that a bad line costs only itself: it is left out and reported as a partial
// fault under its first word, and every other line is used.
//   Lines lines(text, "vmstat", faults);
//   while (lines.next()) {
//     Field field{.name = lines->word(), .value = lines->number()};
//     if (lines.keep()) out.push_back(field);
//   }
//   return lines.result();
#pragma once

#include <string_view>

#include "core/faults.h"
#include "core/scan.h"

namespace vitalsd {

class Lines {
 public:
  /// `format` names the file in errors and has static storage.
  Lines(std::string_view text, std::string_view format, FaultSink& faults) noexcept
      : text_(text, format), line_({}, format), format_(format), faults_(faults) {}

  /// Goes to the next line that is not blank. False at the end of the text.
  bool next() noexcept;

  Scan& operator*() noexcept { return line_; }
  Scan* operator->() noexcept { return &line_; }
  /// The current line, whole.
  std::string_view whole() const noexcept { return whole_; }

  /// Settles the current line. Returns true if it was read without a failure and is to be used; otherwise reports it
  /// under `key`, or under its first word, and returns false.
  bool keep(std::string_view key = {});
  /// Reports the current line as malformed, whatever the state of the cursor.
  void reject(std::string_view key = {});
  /// Settles a line that is understood but not wanted, such as a heading: it is neither a fault nor used.
  void skip() noexcept { understood_ = true; }

  /// Malformed if nothing of the text could be used. An empty text is malformed, too.
  Result<void> result() const noexcept;

 private:
  Scan text_, line_;
  std::string_view whole_;
  std::string_view format_;
  FaultSink& faults_;
  bool understood_ = false;  ///< whether at least one line was
};

}  // namespace vitalsd
