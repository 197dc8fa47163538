#include "daemon/history/selector.h"

#include <algorithm>

#include "core/label_text.h"
#include "core/metric_name.h"

namespace vitalsd {
namespace {

constexpr std::size_t kMostLabels = 32;
constexpr std::string_view kSpace = " \t";

std::string_view take_name(std::string_view& text) {
  const auto fits = [](char c, bool first) { return c == ':' || (first ? is_name_start(c) : is_name_part(c)); };
  std::size_t size = 0;
  while (size < text.size() && fits(text[size], size == 0)) ++size;
  const std::string_view name = text.substr(0, size);
  text.remove_prefix(size);
  return name;
}

void skip_space(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size())); }

bool take(std::string_view& text, char wanted) {
  skip_space(text);
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  skip_space(text);
  return true;
}

// What stands between quotes, with the escapes of an exposition.
bool take_value(std::string_view& text, std::string& value) {
  if (!take(text, '"')) return false;
  std::size_t end = 0;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  if (end >= text.size()) return false;
  append_unescaped_label(value, text.substr(0, end));
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

bool SeriesSelector::fits(std::string_view family_name, std::string_view label_text) const {
  if (!family.empty() && family != family_name) return false;
  return std::ranges::all_of(labels, [label_text](const auto& wanted) {
    std::string value;
    for (LabelReader each(label_text); each.next();) {
      if (each.name() != wanted.first) continue;
      append_unescaped_label(value, each.escaped());
      break;
    }
    return value == wanted.second;
  });
}

std::expected<SeriesSelector, std::string_view> parse_selector(std::string_view text) {
  SeriesSelector selector;
  skip_space(text);
  selector.family = take_name(text);
  if (take(text, '{')) {
    while (!take(text, '}')) {
      if (selector.labels.size() == kMostLabels) return std::unexpected("too many labels");
      std::pair<std::string, std::string> label;
      label.first = take_name(text);
      if (label.first.empty() || label.first.contains(':')) return std::unexpected("a label's name is expected");
      if (!take(text, '=')) return std::unexpected("= is expected after a label's name; nothing else is compared");
      if (!take_value(text, label.second)) return std::unexpected("a label's value is expected, in double quotes");
      selector.labels.push_back(std::move(label));
      if (!take(text, ',') && !text.starts_with('}')) return std::unexpected(", or } is expected after a label");
    }
  }
  skip_space(text);
  if (!text.empty()) return std::unexpected("it is no NAME{label=\"value\"}");
  if (selector.family.empty() && selector.labels.empty()) return std::unexpected("a name or a label is expected");
  return selector;
}

}  // namespace vitalsd
