// A collector's options: declared as a table in its registration, read with their types by its factory.
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

/// Names are YAML keys: lower case with underscores. `--collector.cpu.info.flags-include` is `info_flags_include`,
/// since `.`, `-` and `_` are the same in flags and in the environment.
struct OptionSpec {
  std::string_view name;
  OptionType type = OptionType::boolean;
  std::string_view default_value;  ///< as written in YAML; lists and records start empty
  std::string_view help;
  std::span<const RecordField> fields = {};  ///< the keys of records; as a flag, NAME:FIELD=VALUE
  bool named = true;                         ///< for records: each needs its own name
  bool enables = false;                      ///< setting this option enables a collector that is off by default
  bool section_file =
      false;  ///< the value names a YAML file with more of this section, whose strings are taken as they are
};

/// An invalid option value that the collector itself found. The loader adds file, line and column.
class OptionError : public std::runtime_error {
 public:
  OptionError(std::string_view option, const std::string& message) : std::runtime_error(message), option_(option) {}
  const std::string& option() const noexcept { return option_; }

 private:
  std::string option_;
};

/// The name and the fields of one record; fields that are lists are in `lists`.
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

  /// The declared defaults alone, for tests and `--collectors`.
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
