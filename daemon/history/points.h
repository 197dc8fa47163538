// The samples of one series of a history, between two times.
//   for (Points points = view.points(from, to); points.next();) use(points.at(), points.value());
#pragma once

#include <chrono>

#include "daemon/history/chunk_list.h"
#include "daemon/history/track.h"

namespace vitalsd {

/// Oldest first. Valid until the history observes or forgets something.
class Points {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Both ends belong to it; `began` is when the history began.
  Points(const Arena& arena, std::uint32_t times, std::uint32_t values, Time began, Time from, Time to);

  bool next();
  Time at() const noexcept { return at_; }
  double value() const noexcept { return values_.value(); }
  /// The number of the collector's run: equal for all of its series.
  std::uint32_t round() const noexcept { return values_.round(); }

 private:
  bool next_time();

  ListReader times_;
  ListReader values_;
  Time began_, from_, to_;
  Time at_{};
  bool has_time_ = false;
};

}  // namespace vitalsd
