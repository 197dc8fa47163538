// Emits an event for each cgroup that has had an OOM kill since the round before.
//   kills.report(context, walk, events, unified, now, gone);  after all have been read
#pragma once

#include <chrono>

#include "collectors/cgroup/cgroup_walk.h"
#include "collectors/cgroup/memory_events.h"
#include "collectors/cgroup/neighbours.h"
#include "core/collector.h"

namespace vitalsd {

class CgroupKills {
 public:
  /// Version 2 (`unified`) counts a kill in all cgroups above it, too: only the lowest one that is there is reported,
  /// or one that has gone since and alone may have had it: its counters get the kill then. `begun` is when the round
  /// began.
  void report(CollectContext& context, CgroupWalk& walk, MemoryEvents& events, bool unified,
              std::chrono::steady_clock::time_point begun, GoneCgroups& gone);
  /// Those of the pod's other containers, which are watched from now on, and of those that have gone. What they had
  /// before they were seen first is not reported.
  static void report(CollectContext& context, Neighbours& neighbours, MemoryEvents& events, GoneCgroups& gone);

 private:
  bool first_round_ = true;
};

}  // namespace vitalsd
