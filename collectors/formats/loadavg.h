// The format of /proc/loadavg (proc_loadavg(5)): "0.21 0.37 0.39 1/719 19737".
#pragma once

#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// The number of runnable and uninterruptible tasks, averaged over 1, 5 and 15 minutes.
struct LoadAverage {
  double one = 0;
  double five = 0;
  double fifteen = 0;
};

namespace loadavg {
/// Malformed unless the line begins with three finite numbers.
Result<LoadAverage> parse(std::string_view text);
}  // namespace loadavg

}  // namespace vitalsd
