// The format of /proc/PID/limits (proc_pid_limits(5), fs/proc/base.c proc_pid_limits()).
//   const auto limits = pid_limits::parse(*text); if (limits->open_files) ...
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

struct PidLimits {
  std::optional<std::uint64_t> open_files;  ///< the soft limit; nothing when there is none
};

namespace pid_limits {

/// Fails as malformed when "Max open files" is missing or its soft limit is neither a number nor "unlimited".
Result<PidLimits> parse(std::string_view text);

}  // namespace pid_limits
}  // namespace vitalsd
