// The format of /proc/uptime (proc_uptime(5)): "4935.12 9452.08", seconds since boot and idle seconds of all CPUs.
#pragma once

#include <string_view>

#include "core/result.h"

namespace vitalsd::uptime {

/// Seconds since boot, including time asleep. Malformed unless the text begins with a finite number that is not
/// negative.
Result<double> parse(std::string_view text);

}  // namespace vitalsd::uptime
