#include "daemon/config/value.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/quantity.h"
#include "core/scan.h"
#include "core/utf8.h"
#include "daemon/config/suggest.h"

namespace vitalsd::conf {
namespace {

constexpr std::array<std::string_view, 8> kExpectations = {"true or false",
                                                           "text",
                                                           "a regular expression",
                                                           "a whole number",
                                                           "a duration such as 5s or 1m30s",
                                                           "a size such as 2k or 64Mi",
                                                           "a list",
                                                           "a list of records"};

std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

constexpr auto kMostBytes = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

// Refuses bytes that no path, label or pattern needs and that neither YAML nor an exposition can carry.
std::string_view encoding_fault(std::string_view text) {
  while (!text.empty()) {
    if (text.front() == '\0') return "must not hold a NUL";
    const std::size_t length = utf8_length(text);
    if (length == 0) return "is not valid UTF-8";
    text.remove_prefix(length);
  }
  return {};
}

std::string bounds_text(const Setting& setting) {
  const auto shown = [&setting](std::int64_t value) {
    return setting.type == OptionType::duration ? format_duration(std::chrono::nanoseconds(value))
                                                : std::to_string(value);
  };
  return shown(setting.bounds.least) + " to " + shown(setting.bounds.most);
}

std::string out_of_bounds(const Setting& setting, std::int64_t value, std::string_view text) {
  if (value >= setting.bounds.least && value <= setting.bounds.most) return {};
  return "must be within " + bounds_text(setting) + ", got " + quoted(text);
}

template <class T>
std::string failure(const Setting& setting, const Result<T>& result, std::string_view text) {
  if (result.has_value()) return {};
  if (result.error().code == Errc::too_large) return "is too large: " + quoted(text);
  return "expected " + expectation(setting) + ", got " + quoted(text);
}

std::string scalar_fault(const Setting& setting, std::string_view text) {
  if (const std::string_view fault = encoding_fault(text); !fault.empty()) {
    return std::string(fault) + ": " + quoted(text);
  }
  switch (setting.type) {
    case OptionType::boolean:
      if (text == "true" || text == "false") return {};
      return "expected true or false, got " + quoted(text);
    case OptionType::integer: {
      const auto number = parse_number<std::int64_t>(text, "integer");
      return number ? out_of_bounds(setting, *number, text) : failure(setting, number, text);
    }
    case OptionType::duration: {
      const auto duration = parse_duration(text);
      return duration ? out_of_bounds(setting, duration->count(), text) : failure(setting, duration, text);
    }
    case OptionType::size: {
      const auto bytes = parse_size(text);
      if (!bytes) return failure(setting, bytes, text);
      return out_of_bounds(setting, static_cast<std::int64_t>(std::min(*bytes, kMostBytes)), text);
    }
    default: break;
  }
  if (setting.allowed.empty() || std::ranges::find(setting.allowed, text) != setting.allowed.end()) return {};
  return "expected one of " + listed(setting.allowed) + ", got " + quoted(text) +
         suggestion(text, {setting.allowed.begin(), setting.allowed.end()});
}

void reject(const Origin& origin, std::string message, Assigned& to, Faults& faults) {
  to.broken = true;
  faults.add(origin, std::move(message));
}

}  // namespace

std::string expectation(const Setting& setting) {
  if (setting.mapping) return "a mapping of names to values";
  return std::string(kExpectations[static_cast<std::size_t>(setting.type)]);
}

const RecordField* record_field(const Setting& setting, std::string_view key) {
  const auto found = std::ranges::find(setting.fields, key, &RecordField::name);
  return found == setting.fields.end() ? nullptr : &*found;
}

bool needs_name(const Setting& setting) { return setting.option == nullptr || setting.option->named; }

std::string record_key_fault(const Setting& setting, std::string_view key) {
  std::vector<std::string_view> known = {"name"};
  for (const RecordField& field : setting.fields) known.push_back(field.name);
  if (std::ranges::find(known, key) != known.end()) return {};
  return "unknown key " + quoted(key) + suggestion(key, known);
}

void put_text(const Setting& setting, std::string text, const Origin& origin, Assigned& to, Faults& faults) {
  if (std::string fault = scalar_fault(setting, text); !fault.empty()) return reject(origin, fault, to, faults);
  if (setting.is_scalar()) {
    to.value.text = std::move(text);
    return;
  }
  if (setting.mapping && text.find('=') == std::string::npos) {
    return reject(origin, "expected NAME=VALUE, got " + quoted(text), to, faults);
  }
  to.value.items.push_back(std::move(text));
  to.items.push_back(origin);
}

void put_record(const Setting& setting, Record record, const Origin& origin, Assigned& to, Faults& faults) {
  const auto text_fault = [](const std::string& key, const std::string& value) {
    const std::string_view fault = encoding_fault(value);
    return fault.empty() ? std::string() : key + " " + std::string(fault) + ": " + quoted(value);
  };
  for (const auto& [key, value] : record.texts) {
    if (std::string fault = record_key_fault(setting, key); !fault.empty()) return reject(origin, fault, to, faults);
    if (std::string fault = text_fault(key, value); !fault.empty()) return reject(origin, fault, to, faults);
  }
  for (const auto& [key, values] : record.lists) {
    for (const std::string& value : values) {
      if (std::string fault = text_fault(key, value); !fault.empty()) return reject(origin, fault, to, faults);
    }
  }
  const auto name = record.texts.find("name");
  if (needs_name(setting) && (name == record.texts.end() || name->second.empty())) {
    return reject(origin, "a record needs a 'name'", to, faults);
  }
  to.value.records.push_back(std::move(record));
  to.items.push_back(origin);
}

void put_spelled(const Setting& setting, std::string_view text, const Origin& origin, Assigned& to, Faults& faults) {
  if (setting.type != OptionType::records) return put_text(setting, std::string(text), origin, to, faults);
  const std::size_t colon = text.find(':');
  const std::size_t equals = text.find('=', colon == std::string_view::npos ? 0 : colon);
  if (colon == std::string_view::npos || equals == std::string_view::npos) {
    return reject(origin, "expected NAME:FIELD=VALUE, got " + quoted(text), to, faults);
  }
  const std::string_view field = text.substr(colon + 1, equals - colon - 1);
  Record record;
  record.texts.emplace("name", text.substr(0, colon));
  if (field == "name") return reject(origin, "expected NAME:FIELD=VALUE, got " + quoted(text), to, faults);
  if (const RecordField* known = record_field(setting, field); known != nullptr && known->list) {
    record.lists[std::string(field)].emplace_back(text.substr(equals + 1));
  } else {
    record.texts.emplace(field, text.substr(equals + 1));
  }
  put_record(setting, std::move(record), origin, to, faults);
}

}  // namespace vitalsd::conf
