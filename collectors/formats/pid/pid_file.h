// The content of a pid file: a number alone on the first line (daemon(7); what start-stop-daemon and systemd's PIDFile=
// read). More may follow: what postmaster.pid lists, or old digits that QEMU leaves behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

inline constexpr std::int32_t kMaxPid = 1 << 22;  ///< PID_MAX_LIMIT of include/linux/threads.h

namespace pid_file {

inline constexpr std::size_t kLongestLine = 64;

/// Fails as too_large when the first line, with empty ones before it, is longer, as malformed when it is anything but
/// one pid of 1 to kMaxPid amid blanks. What is below it means nothing.
Result<std::int32_t> parse(std::string_view text);

}  // namespace pid_file
}  // namespace vitalsd
