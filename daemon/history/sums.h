// Several series of one collector added up round by round, and the steps of that sum: a step's least and most are those
// of the sum itself, not sums of each series' own, which are of different moments.
//   sum_steps_of(history.select({.family = "node_cpu_seconds_total"}, 500), from, to, 15s, Sum::rates)
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "daemon/history/windows.h"

namespace vitalsd {

enum class Sum : unsigned char {
  values,
  rates,  ///< what each has gained since its sample before, per second; a fall is a restart from 0
};

/// One window for each step of (from, to], as steps_of(). A round in which none of the series has a value has none; one
/// that lacks some of them has the sum of the others. With rates a step's mean is what was gained in it, and each
/// sample counts from the one before, be it before `from`, as long as that is no more than a step ago. All series must
/// be of one collector.
std::vector<Window> sum_steps_of(std::span<const SeriesView> series, History::Time from, History::Time to,
                                 std::chrono::nanoseconds step, Sum what);

}  // namespace vitalsd
