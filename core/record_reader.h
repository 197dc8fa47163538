// Reads the fields of one record of an option, such as a command or a probe. Every refusal names the record.
//   RecordReader reader(record, "commands[0]", "command"); reader.duration("interval", 15s, 100ms, 24h);
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/options.h"

namespace vitalsd {

/// The record outlives the reader. All that refuse throw OptionError(option), with `NOUN "NAME": ` before the reason.
class RecordReader {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  RecordReader(const Record& record, std::string option, std::string_view noun)
      : record_(record), option_(std::move(option)), noun_(noun) {}

  [[noreturn]] void refuse(const std::string& why) const;
  static std::string quote(std::string_view text) { return "\"" + std::string(text) + "\""; }

  bool has(std::string_view key) const { return record_.texts.contains(key) || record_.lists.contains(key); }
  std::string text(std::string_view key, std::string_view otherwise = {}) const;
  const std::vector<std::string>& list(std::string_view key) const;
  /// The items NAME=VALUE of a mapping in the order of their names. Refuses a name that is given twice.
  Pairs pairs(std::string_view key) const;
  bool flag(std::string_view key, bool otherwise) const;
  std::chrono::nanoseconds duration(std::string_view key, std::chrono::nanoseconds otherwise,
                                    std::chrono::nanoseconds least, std::chrono::nanoseconds most) const;

 protected:
  const Record& record() const noexcept { return record_; }
  const std::string& option() const noexcept { return option_; }

 private:
  const Record& record_;
  const std::string option_;
  const std::string_view noun_;
};

}  // namespace vitalsd
