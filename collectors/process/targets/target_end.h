// The end of a watched process: finds its status where the kernel reports it, counts it, and emits one event.
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

/// An end whose status is not known yet.
struct Ending {
  ProcessId process;
  Fd pidfd;  ///< kept open: the kernel reports the status here once the parent has waited
  std::optional<std::chrono::steady_clock::time_point> since;  ///< empty: nothing has ended
  std::string oom_cgroup;                                      ///< the cgroup, if it counted an OOM kill at that time
  double resident = kAbsent;                                   ///< bytes, when the process was last seen
};

struct ExitCount {
  std::string reason;
  std::uint64_t count = 0;
};

/// The number of ends by reason: at most kMostReasons reasons, then "other".
class TargetExits {
 public:
  static constexpr std::size_t kMostReasons = 16;

  /// Looks for the status of `ending` on its pidfd or in the zombie's entry. Once it is found, or after 2 s without it,
  /// counts the end, emits an event and clears `ending`.
  void settle(CollectContext& context, std::string_view target, Ending& ending);
  const std::vector<ExitCount>& counts() const noexcept { return counts_; }

 private:
  static std::optional<std::uint32_t> status_of(CollectContext& context, const Ending& ending);
  void count(std::string_view reason);
  std::vector<ExitCount> counts_;
};

}  // namespace vitalsd
