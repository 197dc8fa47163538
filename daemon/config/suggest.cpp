#include "daemon/config/suggest.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace vitalsd::conf {
namespace {

constexpr std::size_t kLongest = 96;  // longer words are no misspellings, and the work is quadratic

char fold(char c) noexcept { return c == '-' || c == '.' ? '_' : c; }

}  // namespace

// Optimal string alignment; keeps three rows of the table.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  if (std::max(a.size(), b.size()) > kLongest) return std::max(a.size(), b.size());
  std::array<std::array<std::size_t, kLongest + 1>, 3> lines;
  std::iota(lines[0].begin(), lines[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const auto& before = lines[(i + 1) % 3];
    const auto& last = lines[(i + 2) % 3];
    auto& now = lines[i % 3];
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const char x = fold(a[i - 1]), y = fold(b[j - 1]);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (x == y ? 0 : 1)});
      if (i > 1 && j > 1 && x == fold(b[j - 2]) && fold(a[i - 2]) == y) now[j] = std::min(now[j], before[j - 2] + 1);
    }
  }
  return lines[a.size() % 3][b.size()];
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  // A third of the letters may be wrong; one in the shortest words.
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::string_view found;
  for (const std::string_view candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    if (longer - std::min(word.size(), candidate.size()) >= best) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= best || distance >= longer) continue;
    best = distance;
    found = candidate;
  }
  return found;
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view found = nearest(word, candidates);
  return found.empty() ? "" : ", did you mean '" + std::string(found) + "'?";
}

}  // namespace vitalsd::conf
