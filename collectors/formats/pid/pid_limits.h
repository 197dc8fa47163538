// The format of /proc/PID/limits (proc_pid_limits(5), fs/proc/base.c): a table of soft and hard limits.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// The soft limits; kUnlimited where there is no limit.
struct PidLimits {
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();
  std::optional<std::uint64_t> open_files;
  std::optional<std::uint64_t> address_space;  ///< bytes
};

namespace pid_limits {
/// Handles bad lines as core/lines.h does.
Result<PidLimits> parse(std::string_view text, FaultSink& faults);
}  // namespace pid_limits

}  // namespace vitalsd
