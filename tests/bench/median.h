// How a bench takes time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <vector>

namespace vitalsd::bench {

template <class Work>
double microseconds(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

inline double median(std::vector<double>& all) {
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

/// One line of a table: what a process costs both.
inline void print_ratio(std::size_t processes, double theirs, double ours, int decimals) {
  std::printf("  %-10zu %14.*f %14.*f %7.2f%s\n", processes, decimals, theirs, decimals, ours, ours / theirs,
              ours <= 2 * theirs ? "" : "   MISSED (target 2)");
  std::fflush(stdout);
}

}  // namespace vitalsd::bench
