// A collector's options: declared as a table in its registration, read back typed by its factory.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitalsd {

enum class OptionType : std::uint8_t { boolean, text, regex, integer, duration, size, list, records };

/// One key of a record option, such as `comm` of targets.watch.
struct RecordField {
  std::string_view name;
  std::string_view help;
  bool list = false;     ///< takes several values
  bool mapping = false;  ///< of a list: may be written as a mapping, whose entries are values NAME=VALUE
  bool secret = false;   ///< of a mapping: the values are shown nowhere
};

/// Names are YAML keys: lower case with underscores. `--collector.cpu.info.flags-include` is `info_flags_include`:
/// in flags and environment `.`, `-` and `_` are the same.
struct OptionSpec {
  std::string_view name;
  OptionType type = OptionType::boolean;
  std::string_view default_value;  ///< as it would be written in YAML; lists and records start empty
  std::string_view help;
  std::span<const RecordField> fields = {};  ///< of records: as a flag, NAME:FIELD=VALUE
  bool named = true;                         ///< of records: each needs a name of its own
  bool enables = false;                      ///< a collector that is off by default is on when this is given
  bool section_file = false;  ///< the text names a YAML file with more of this section, its strings taken as they are
};

/// A fault in an option's value, found by the collector itself; the loader adds file, line and column.
class OptionError : public std::runtime_error {
 public:
  OptionError(std::string_view option, const std::string& message) : std::runtime_error(message), option_(option) {}
  const std::string& option() const noexcept { return option_; }

 private:
  std::string option_;
};

/// "name" and the fields of one record, those that are lists apart.
struct Record {
  Record() = default;
  Record(std::initializer_list<std::pair<const std::string, std::string>> fields) : texts(fields) {}

  std::map<std::string, std::string, std::less<>> texts;
  std::map<std::string, std::vector<std::string>, std::less<>> lists;
  bool operator==(const Record&) const = default;
};

/// The effective values, already checked against their types. Asking for an undeclared option throws std::out_of_range.
class Options {
 public:
  struct Value {
    std::string text;
    std::vector<std::string> items;
    std::vector<Record> records;
    bool operator==(const Value&) const = default;
  };

  /// The declared defaults alone; what tests and `--collectors` start from.
  static Options defaults(std::span<const OptionSpec> specs);
  void set(std::string_view name, Value value) { values_[std::string(name)] = std::move(value); }

  bool flag(std::string_view name) const { return at(name).text == "true"; }
  const std::string& text(std::string_view name) const { return at(name).text; }
  std::int64_t integer(std::string_view name) const;
  std::chrono::nanoseconds duration(std::string_view name) const;
  std::uint64_t size(std::string_view name) const;
  const std::vector<std::string>& list(std::string_view name) const { return at(name).items; }
  const std::vector<Record>& records(std::string_view name) const { return at(name).records; }

  bool operator==(const Options&) const = default;

 private:
  const Value& at(std::string_view name) const;
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace vitalsd
