// Counts, at the moment they happen, the stalls of single cgroups (version 2: Documentation/accounting/psi.rst).
//   stalls.begin(); for each cgroup: stalls.watch(context, id, stats); stalls.end(); stalls.publish(sink, labels, id);
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "collectors/cgroup/cgroup_families.h"
#include "collectors/cgroup/cgroup_stats.h"
#include "collectors/kit/psi_triggers.h"
#include "collectors/kit/stall_count.h"
#include "core/collector.h"
#include "core/retry.h"

namespace vitalsd {

class CgroupStalls {
 public:
  /// Arms the triggers of at most `most` cgroups; the kernel works for each.
  explicit CgroupStalls(std::size_t most) : most_(most) {}

  /// Readable when one has stalled, until begin() is called.
  int fd() const noexcept { return triggers_.fd(); }
  /// Called on the loop when fd() was readable.
  void fired() noexcept { fired_ = true; }

  /// Then every cgroup that is to be watched and is still there is named, with what was just read of it.
  void begin(std::chrono::steady_clock::time_point now);
  void watch(CollectContext& context, std::string_view id, const CgroupStats& stats);
  void end();
  /// Reports why some triggers are not armed, where that may change: they are asked for again.
  void report_lack(FaultSink& faults) const;
  /// Another cgroup has taken the name of this one.
  void forget(std::string_view id);

  void publish(Sink& sink, CgroupLabels& labels, std::string_view id) const;

 private:
  static constexpr std::size_t kResources = 3;
  struct Watched {
    std::array<StallCount, kResources> counts;
    std::array<bool, kResources> wanted = {true, true, true};  ///< and not armed yet
    std::uint64_t round = 0;
  };
  Watched* meet(CollectContext& context, std::string_view id);
  void arm(CollectContext& context, std::string_view id, Watched& watched);

  std::size_t most_;
  PsiTriggers triggers_;
  std::atomic<bool> fired_ = false;
  bool now_fired_ = false;
  Retry retry_;
  bool again_ = false;  ///< in this round
  std::optional<Error> lack_;
  std::uint64_t round_ = 0;
  std::map<std::string, Watched, std::less<>> watched_;
  std::string path_;
};

/// What `publish` adds.
std::span<const Family* const> cgroup_stall_families();

}  // namespace vitalsd
