// Which processes the kernel has killed for want of memory, as its log says (mm/oom_kill.c, /dev/kmsg as in
// Documentation/ABI/testing/dev-kmsg).
//   OomLog log; ... log.read(); for (const KilledProcess* each : log.killed_in("/app")) ...
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fd.h"

namespace vitalsd {

struct KilledProcess {
  std::int32_t pid = 0;
  std::string comm;
  std::string cgroup;  ///< as the kernel's root sees it: "/app"
  std::optional<std::uint64_t> resident_bytes;
  bool reported = false;  ///< in a report
};

/// What records of the log say, each one taken once, in their order. The kernel prints two for a kill: the first has
/// the cgroup (since Linux 5.0; it may leave it out when there are many), the second what the process had. A process of
/// which the log names no cgroup is not known here: nobody could say whose it was.
class OomRecords {
 public:
  static constexpr std::size_t kMost = 64;

  /// One record of /dev/kmsg: "6,1234,5678,-;text\n KEY=value\n". What others than the kernel wrote is passed over.
  void take(std::string_view record);
  /// Those of the cgroup that were not reported yet; they count as reported then. The latest last.
  std::vector<KilledProcess> killed_in(std::string_view cgroup);
  const std::deque<KilledProcess>& all() const noexcept { return killed_; }

 private:
  void take_cgroup(std::string_view text);
  void take_memory(std::string_view text);
  std::deque<KilledProcess> killed_;
};

/// The log of this machine from now on. Without the right to read it (CAP_SYSLOG where kernel.dmesg_restrict is set),
/// or in a service or container that hides the device, nothing ever comes.
class OomLog {
 public:
  OomLog();
  bool available() const noexcept { return static_cast<bool>(device_); }
  /// Takes what has come since the last time, without waiting; at most some thousand records.
  void read();
  OomRecords records;

 private:
  Fd device_;
};

}  // namespace vitalsd
