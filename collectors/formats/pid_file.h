// The content of a pid file: one number and white space (daemon(7); what start-stop-daemon and systemd's PIDFile=
// read).
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

inline constexpr std::int32_t kMaxPid = 1 << 22;  ///< PID_MAX_LIMIT of include/linux/threads.h

namespace pid_file {

/// Fails as too_large beyond 64 bytes, as malformed for anything but one pid of 1 to kMaxPid amid white space.
Result<std::int32_t> parse(std::string_view text);

}  // namespace pid_file
}  // namespace vitalsd
