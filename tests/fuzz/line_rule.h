// Checks the rule of core/lines.h: the samples of a line do not depend on the presence of other lines.
//   require_line_rule(text, "heading\n", [](std::string_view text) { Samples out; parse(text, ...); return out; });
#pragma once

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vitalsd {

/// The samples of a text, by what distinguishes them; empty if it is rejected.
using Samples = std::map<std::string, double>;

/// Removes each line in turn. Every sample that this line alone, below `heading`, does not produce must stay the same.
/// So a line that alone produces nothing must change nothing. `read` is called with complete texts that begin with
/// `heading`.
template <class Read>
void require_line_rule(std::string_view text, std::string_view heading, Read read) {
  constexpr std::size_t kMostLines = 40;  // the text is read again for each line
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
