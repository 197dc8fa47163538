// The end of a watched process: how it ended, found out where the kernel tells, counted and told once.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collectors/process/sources/process_sample.h"
#include "core/collector.h"
#include "core/fd.h"

namespace vitalsd {

/// One that ended and whose status is not known yet.
struct Ending {
  ProcessId process;
  Fd pidfd;  ///< kept open: the kernel tells the status there once the parent has waited
  std::optional<std::chrono::steady_clock::time_point> since;  ///< none: nothing has ended
  std::string oom_cgroup;                                      ///< which has counted a kill for want of memory
  double resident = kAbsent;                                   ///< bytes, when it was last seen
};

struct ExitCount {
  std::string reason;
  std::uint64_t count = 0;
};

/// Ends by reason; at most kMostReasons of them, then "other".
class TargetExits {
 public:
  static constexpr std::size_t kMostReasons = 16;

  /// Looks for the status of what ended: on its pidfd, or in the entry of the zombie. When it is found, or after 2 s
  /// without, the end is counted and told as an event; `ending` is empty then.
  void settle(CollectContext& context, std::string_view target, Ending& ending);
  const std::vector<ExitCount>& counts() const noexcept { return counts_; }

 private:
  static std::optional<std::uint32_t> status_of(CollectContext& context, const Ending& ending);
  void count(std::string_view reason);
  std::vector<ExitCount> counts_;
};

}  // namespace vitalsd
