// What a group used from sample to sample: distributions since the daemon began, and the most within each minute.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/native_histogram.h"

namespace vitalsd {

/// The most that was seen within each minute of the clock, told during the next: the same to everybody who asks.
class MinuteMaximum {
 public:
  void observe(std::chrono::system_clock::time_point now, double value);
  /// Of the last whole minute before `now`; empty when nothing was seen in it.
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
