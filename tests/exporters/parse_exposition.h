// Parses a text exposition into families and series, which can be compared regardless of order and number format.
#pragma once

#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vitalsd {

struct ParsedText {
  using Labels = std::map<std::string, std::string>;
  using Series = std::pair<std::string, Labels>;
  std::map<Series, double> values;
  std::map<std::string, std::string> help;  ///< unescaped
  std::map<std::string, std::string> types;
};

inline bool same_value(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

namespace detail {
/// Takes the text up to an unescaped `stop` (0: up to the end) and unescapes it; nothing when there is no `stop`.
inline std::optional<std::string> unescape(std::string_view& text, char stop) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (stop != 0 && text[i] == stop) {
      text.remove_prefix(i + 1);
      return out;
    }
    if (text[i] != '\\') {
      out += text[i];
    } else {
      if (++i == text.size()) return std::nullopt;
      if (text[i] == 'n')
        out += '\n';
      else if (text[i] == '\\' || (text[i] == '"' && stop == '"'))
        out += text[i];
      else
        return std::nullopt;
    }
  }
  text = {};
  return stop == 0 ? std::optional(out) : std::nullopt;
}

inline bool read_labels(std::string_view& line, ParsedText::Labels& labels) {
  line.remove_prefix(1);
  while (!line.starts_with('}')) {
    const auto equals = line.find("=\"");
    if (equals == line.npos) return false;
    std::string name(line.substr(0, equals));
    line.remove_prefix(equals + 2);
    auto value = unescape(line, '"');
    if (!value) return false;
    // The numbers of `le` and `quantile` can be written in several ways.
    if (name == "le" || name == "quantile") *value = std::to_string(std::strtod(value->c_str(), nullptr));
    if (!labels.emplace(std::move(name), std::move(*value)).second) return false;
    if (line.starts_with(','))
      line.remove_prefix(1);
    else if (!line.starts_with('}'))
      return false;
  }
  line.remove_prefix(1);
  return true;
}
}  // namespace detail

/// Nothing when a line is malformed, a series occurs twice, or a family has two HELP or TYPE lines.
inline std::optional<ParsedText> parse_exposition(std::string_view text) {
  ParsedText result;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == text.npos) return std::nullopt;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.starts_with("# ")) {
      const bool help = line.starts_with("# HELP ");
      if (!help && !line.starts_with("# TYPE ")) return std::nullopt;
      line.remove_prefix(7);
      const auto blank = std::min(line.find(' '), line.size());
      const std::string name(line.substr(0, blank));
      line.remove_prefix(std::min(blank + 1, line.size()));
      auto content = help ? detail::unescape(line, 0) : std::optional(std::string(line));
      if (!content || !(help ? result.help : result.types).emplace(name, *content).second) return std::nullopt;
      continue;
    }
    ParsedText::Series series;
    const auto name_end = line.find_first_of("{ ");
    if (name_end == line.npos || name_end == 0) return std::nullopt;
    series.first = line.substr(0, name_end);
    line.remove_prefix(name_end);
    if (line.starts_with('{') && !detail::read_labels(line, series.second)) return std::nullopt;
    if (!line.starts_with(' ')) return std::nullopt;
    const std::string number(line.substr(1));
    char* number_end = nullptr;
    const double value = std::strtod(number.c_str(), &number_end);
    if (number.empty() || number_end != number.c_str() + number.size()) return std::nullopt;
    if (!result.values.emplace(std::move(series), value).second) return std::nullopt;
  }
  return result;
}

}  // namespace vitalsd
