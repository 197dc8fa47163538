// What rules and pages ask of a series: values of a window, and of the equal steps of one.
//   window_of(view, now - 5min, now).mean(); rate_of(view, now - 1min, now); steps_of(view, from, to, 15s)
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "daemon/history/history.h"

namespace vitalsd {

/// Of the samples that are numbers; NaN where there is none.
struct Window {
  double min = std::numeric_limits<double>::quiet_NaN();
  double max = std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  double last = std::numeric_limits<double>::quiet_NaN();
  std::uint64_t count = 0;

  void add(double value) noexcept;
  double mean() const noexcept { return count == 0 ? max : sum / static_cast<double>(count); }
};

/// The samples in [from, to].
Window window_of(const SeriesView& series, History::Time from, History::Time to);

/// How fast a counter grew, per second, between the first and the last sample in [from, to]; a fall is a restart from
/// 0. Nothing with fewer than two samples, or where no time has passed between them.
std::optional<double> rate_of(const SeriesView& series, History::Time from, History::Time to);

/// How many steps (from, to] has, the last one shorter perhaps; `from` is before `to`. Whatever the step is, nothing
/// overflows.
std::size_t count_steps(History::Time from, History::Time to, std::chrono::nanoseconds step);
/// The step that `at`, which is after `from`, belongs to.
inline std::size_t step_at(History::Time from, History::Time at, std::chrono::nanoseconds step) {
  return count_steps(from, at, step) - 1;
}

/// One window for each step of (from, to]: step i holds what is after from + i * step, and up to the step's end.
std::vector<Window> steps_of(const SeriesView& series, History::Time from, History::Time to,
                             std::chrono::nanoseconds step);

}  // namespace vitalsd
