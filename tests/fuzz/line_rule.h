// The rule of core/lines.h as a property: what a line gives does not depend on the other lines being there.
//   require_line_rule(text, "heading\n", [](std::string_view text) { Samples out; parse(text, ...); return out; });
#pragma once

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vitalsd {

/// What a text gives, by what tells one sample from another; empty where it is refused.
using Samples = std::map<std::string, double>;

/// Takes each line of the text out in turn: every sample that the line alone, below `heading`, would not give has to
/// stay as it was. With that, a line that alone gives nothing may change nothing. `read` is given whole texts with
/// `heading`.
template <class Read>
void require_line_rule(std::string_view text, std::string_view heading, Read read) {
  constexpr std::size_t kMostLines = 40;  // it is read anew for each
  constexpr std::size_t kMostBytes = 8192;
  if (text.size() > kMostBytes) return;
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.emplace_back(text.substr(at, end == std::string_view::npos ? end : end - at));
    if (lines.size() > kMostLines) return;
    at = end == std::string_view::npos ? text.size() : end + 1;
  }
  const auto without = [&](std::size_t left_out) {
    std::string rest(heading);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i != left_out) rest.append(lines[i]).append("\n");
    }
    return read(std::string_view(rest));
  };
  const Samples all = without(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Samples rest = without(i);
    const Samples own = read(std::string_view(std::string(heading).append(lines[i]).append("\n")));
    for (const auto& [key, value] : all) {
      if (own.contains(key)) continue;
      const auto found = rest.find(key);
      if (found == rest.end() || found->second != value) std::abort();
    }
    for (const auto& [key, value] : rest) {
      if (!own.contains(key) && !all.contains(key)) std::abort();
    }
  }
}

}  // namespace vitalsd
