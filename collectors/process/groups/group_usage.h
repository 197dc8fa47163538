// What a group used from sample to sample: distributions since the daemon started, and the maximum of each minute.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/native_histogram.h"

namespace vitalsd {

/// The maximum within each minute of the clock, reported during the next minute, so that all scrapers get the same
/// value.
class MinuteMaximum {
 public:
  void observe(std::chrono::system_clock::time_point now, double value);
  /// The maximum of the last whole minute before `now`; empty if nothing was observed in it.
  std::optional<double> last(std::chrono::system_clock::time_point now) const;

 private:
  std::int64_t minute_ = 0;
  double highest_ = 0;
  bool any_ = false;
  std::optional<double> before_;  // of the minute before minute_
};

struct GroupUsage {
  NativeHistogram cores;
  NativeHistogram bytes;
  MinuteMaximum most_cores;
  MinuteMaximum most_bytes;
  std::uint64_t cpu = 0;  ///< ns of CPU that the group had used at the last sample
};

}  // namespace vitalsd
