// The format of /proc/PID/mountinfo: one mount per line; blanks and backslashes in paths are written as \ooo.
//   "36 35 98:0 /sub /mnt\040two rw,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// All texts are views into the parsed text or into Mounts::unescaped.
struct Mount {
  std::uint64_t id = 0, parent = 0;
  std::uint32_t major = 0, minor = 0;
  std::string_view point, type, source;
  std::string_view options;  ///< of its file system: "rw,cpu,cpuacct"
  bool read_only = false;    ///< whether the mount or its file system is
  bool covered = false;      ///< another mount lies on the same point, so no path leads to this one
};

struct Mounts {
  std::vector<Mount> all;
  std::string unescaped;

  std::vector<std::uint32_t> order;  ///< scratch of the parser
};

namespace mountinfo {
/// More than the kernel's default limit for one namespace (fs.mount-max).
inline constexpr std::size_t kMostMounts = 100'000;

/// Replaces `out`, whose memory is reused. Handles bad lines as core/lines.h does.
Result<void> parse(std::string_view text, Mounts& out, FaultSink& faults);
}  // namespace mountinfo

}  // namespace vitalsd
