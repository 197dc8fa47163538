// The format of CPU lists in sysfs (Documentation/admin-guide/cputopology.rst): "0-3,8,10-11", or empty.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace vitalsd::cpu_list {

/// Larger numbers are malformed. Far beyond any kernel's NR_CPUS (8192), and a bound on the size of a list.
inline constexpr std::uint32_t kLimit = 65536;

/// Replaces `out`: ascending, each number once. Malformed: anything but ascending numbers and ranges below kLimit.
Result<void> parse(std::string_view text, std::vector<std::uint32_t>& out);

}  // namespace vitalsd::cpu_list
