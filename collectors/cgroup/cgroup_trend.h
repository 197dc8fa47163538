// What two rounds tell of a cgroup together.
#pragma once

#include <chrono>
#include <cmath>

#include "collectors/cgroup/cgroup_stats.h"
#include "collectors/cgroup/growth.h"

namespace vitalsd {

class CgroupTrend {
 public:
  /// Takes what was just read, and the memory that the cgroup may use, with all that is above it.
  void note(std::chrono::steady_clock::time_point now, const CgroupStats& stats, double memory_limit) {
    const double used = stats.working_set();
    seconds_to_limit_ = growth_.until(now, used, memory_limit);
    if (!std::isnan(used)) growth_.note(now, used);
    const double periods = stats.periods - last_periods_;
    throttled_share_ = periods > 0 ? (stats.throttled_periods - last_throttled_) / periods : periods == 0 ? 0 : kAbsent;
    last_periods_ = stats.periods;
    last_throttled_ = stats.throttled_periods;
  }
  /// Until the memory is used up, at the present growth; kAbsent when it does not grow.
  double seconds_to_limit() const noexcept { return seconds_to_limit_; }
  /// Of the periods since the round before; kAbsent without a quota.
  double throttled_share() const noexcept { return throttled_share_; }

 private:
  Growth growth_;
  double last_periods_ = kAbsent, last_throttled_ = kAbsent;
  double seconds_to_limit_ = kAbsent, throttled_share_ = kAbsent;
};

}  // namespace vitalsd
