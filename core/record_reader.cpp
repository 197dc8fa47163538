#include "core/record_reader.h"

#include <algorithm>

#include "core/quantity.h"

namespace vitalsd {

void RecordReader::refuse(const std::string& why) const {
  throw OptionError(option_, std::string(noun_) + " " + quote(text("name")) + ": " + why);
}

std::string RecordReader::text(std::string_view key, std::string_view otherwise) const {
  const auto found = record_.texts.find(key);
  return found == record_.texts.end() ? std::string(otherwise) : found->second;
}

const std::vector<std::string>& RecordReader::list(std::string_view key) const {
  static const std::vector<std::string> kNone;
  const auto found = record_.lists.find(key);
  return found == record_.lists.end() ? kNone : found->second;
}

RecordReader::Pairs RecordReader::pairs(std::string_view key) const {
  Pairs all;
  for (const std::string& item : list(key)) {
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos) refuse(std::string(key) + ": expected NAME=VALUE, got " + quote(item));
    all.emplace_back(item.substr(0, equals), item.substr(equals + 1));
  }
  std::ranges::sort(all);
  const auto twice = std::ranges::adjacent_find(all, {}, &Pairs::value_type::first);
  if (twice != all.end()) refuse(std::string(key) + ": " + quote(twice->first) + " is given twice");
  return all;
}

bool RecordReader::flag(std::string_view key, bool otherwise) const {
  if (!has(key)) return otherwise;
  const std::string value = text(key);
  if (value != "true" && value != "false") refuse(std::string(key) + " must be true or false, not " + quote(value));
  return value == "true";
}

std::chrono::nanoseconds RecordReader::duration(std::string_view key, std::chrono::nanoseconds otherwise,
                                                std::chrono::nanoseconds least, std::chrono::nanoseconds most) const {
  if (!has(key)) return otherwise;
  const auto value = parse_duration(text(key));
  if (value && *value >= least && *value <= most) return *value;
  refuse(std::string(key) + " must be a duration of " + format_duration(least) + " to " + format_duration(most) +
         ", not " + quote(text(key)));
}

}  // namespace vitalsd
