// Reads a line-oriented kernel file by the rule that one bad line costs itself: it is left out and reported as a
// partial fault under its first word, and every other line is used.
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
  /// The whole of the current line.
  std::string_view whole() const noexcept { return whole_; }

  /// Settles the current line: true when it was read without a failure and is to be used; else it is reported, under
  /// `key` or its first word, and left out.
  bool keep(std::string_view key = {});
  /// Reports the current line as one that makes no sense, whatever the cursor says.
  void reject(std::string_view key = {});
  /// Settles a line that is understood and not wanted (a heading, a unit that is not ours): no fault, and no use
  /// either.
  void skip() noexcept { understood_ = true; }

  /// Malformed when nothing of the text could be used; an empty text is malformed, too.
  Result<void> result() const noexcept;

 private:
  Scan text_, line_;
  std::string_view whole_;
  std::string_view format_;
  FaultSink& faults_;
  bool understood_ = false;  ///< at least one line
};

}  // namespace vitalsd
