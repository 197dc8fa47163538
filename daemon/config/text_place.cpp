#include "daemon/config/text_place.h"

#include <algorithm>

namespace vitalsd::conf {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t begin_of_line(std::string_view file, int line) {
  std::size_t begin = 0;
  for (int at = 1; at < line && begin < file.size(); ++at)
    begin = std::min(file.find('\n', begin), file.size() - 1) + 1;
  return begin;
}

TextPlace place_at(std::string_view file, std::size_t index) {
  const std::string_view before = file.substr(0, index);
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<int>(std::ranges::count(before, '\n')) + 1, static_cast<int>(index - line_begin) + 1};
}

}  // namespace

// YAML folds and indents, so that blanks differ: all else of a scalar is the same, but for escapes.
TextPlace place_of(std::string_view file, TextPlace begin, std::string_view scalar, std::size_t offset) {
  std::size_t at = begin_of_line(file, begin.line) + static_cast<std::size_t>(std::max(begin.column, 1) - 1);
  if (at >= file.size()) return begin;
  if (file[at] == '|' || file[at] == '>') {
    at = std::min(file.find('\n', at), file.size());
  } else if (file[at] == '"' || file[at] == '\'') {
    ++at;
  }
  offset = std::min(offset, scalar.size());
  for (std::size_t i = 0; i <= offset; ++i) {
    if (i < scalar.size() && is_blank(scalar[i])) continue;
    if (i == scalar.size()) break;
    while (at < file.size() && is_blank(file[at])) ++at;
    if (at >= file.size() || file[at] != scalar[i]) return begin;
    if (i == offset) return place_at(file, at);
    ++at;
  }
  return place_at(file, std::min(at, file.size()));  // its end, or a blank
}

std::string excerpt_of(std::string_view file, TextPlace place) {
  constexpr std::size_t kMostBefore = 100, kMostShown = 160;
  const std::size_t begin = begin_of_line(file, place.line);
  std::string_view line = file.substr(begin, std::min(file.find('\n', begin), file.size()) - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  auto column = static_cast<std::size_t>(place.column - 1);
  if (column > line.size()) return {};
  if (column > kMostBefore) {
    line.remove_prefix(column - kMostBefore);
    column = kMostBefore;
  }
  line = line.substr(0, kMostShown);
  const auto is_plain = [](char c) { return (c >= ' ' && c < '\x7F') || c == '\t'; };
  if (!std::ranges::all_of(line, is_plain)) return {};
  std::string out = "    " + std::string(line) + "\n    ";
  for (std::size_t i = 0; i < column; ++i) out += line[i] == '\t' ? '\t' : ' ';
  return out + "^\n";
}

}  // namespace vitalsd::conf
