// The counters of a cgroup's events, which must not be lost with it: kills, reached limits, throttling.
//   EventCounters past = EventCounters::of(stats); past += of_its_successor; past.add_to(stats);
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "collectors/cgroup/cgroup_stats.h"

namespace vitalsd {

struct EventCounter {
  double CgroupStats::* member;
  bool event = true;  ///< false: a period that has passed without one
};
inline constexpr std::array kEventCounters = {
    EventCounter{&CgroupStats::periods, false},
    EventCounter{&CgroupStats::burst_periods, false},
    EventCounter{&CgroupStats::burst_seconds, false},
    EventCounter{&CgroupStats::throttled_periods},
    EventCounter{&CgroupStats::throttled_seconds},
    EventCounter{&CgroupStats::event_low},
    EventCounter{&CgroupStats::event_high},
    EventCounter{&CgroupStats::event_max},
    EventCounter{&CgroupStats::event_oom},
    EventCounter{&CgroupStats::oom_kills},
    EventCounter{&CgroupStats::oom_group_kills},
    EventCounter{&CgroupStats::limit_hits},
    EventCounter{&CgroupStats::thread_limit_hits},
};

class EventCounters {
 public:
  EventCounters() { values_.fill(kAbsent); }
  static EventCounters of(const CgroupStats& stats) {
    EventCounters counters;
    for (std::size_t i = 0; i < kEventCounters.size(); ++i) counters.values_[i] = stats.*kEventCounters[i].member;
    return counters;
  }

  /// A counter that one of the two lacks counts as 0 there.
  EventCounters& operator+=(const EventCounters& other) {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = sum(values_[i], other.values_[i]);
    return *this;
  }
  void add_oom_kills(double kills) {
    for (std::size_t i = 0; i < kEventCounters.size(); ++i) {
      if (kEventCounters[i].member == &CgroupStats::oom_kills) values_[i] = sum(values_[i], kills);
    }
  }

  bool empty() const {
    return std::ranges::all_of(values_, [](double value) { return std::isnan(value); });
  }
  /// Whether something has happened.
  bool any_event() const {
    for (std::size_t i = 0; i < kEventCounters.size(); ++i) {
      if (kEventCounters[i].event && values_[i] > 0) return true;
    }
    return false;
  }

  /// A counter that `stats` lacks stays absent.
  void add_to(CgroupStats& stats) const {
    for (std::size_t i = 0; i < kEventCounters.size(); ++i) {
      if (!std::isnan(values_[i])) stats.*kEventCounters[i].member += values_[i];
    }
  }
  /// Sets all counters of `stats` that are held here.
  void put_into(CgroupStats& stats) const {
    for (std::size_t i = 0; i < kEventCounters.size(); ++i) stats.*kEventCounters[i].member = values_[i];
  }

 private:
  static double sum(double one, double other) {
    if (std::isnan(one)) return other;
    return std::isnan(other) ? one : one + other;
  }

  std::array<double, kEventCounters.size()> values_{};
};

}  // namespace vitalsd
