// The format of a pid file: one number on the first line (daemon(7); as start-stop-daemon and systemd's PIDFile= read
// it). More may follow: the other lines of postmaster.pid, or old digits that QEMU leaves behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

inline constexpr std::int32_t kMaxPid = 1 << 22;  ///< PID_MAX_LIMIT of include/linux/threads.h

namespace pid_file {

inline constexpr std::size_t kLongestLine = 64;

/// too_large if the first line, including empty ones before it, is longer than kLongestLine. Malformed unless it is one
/// pid from 1 to kMaxPid, with blanks around it. Ignores all lines below.
Result<std::int32_t> parse(std::string_view text);

}  // namespace pid_file
}  // namespace vitalsd
