// Keeps a tracker's totals in the state directory, for as long as the machine runs: no counter falls when the daemon is
// restarted or upgraded.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/process/groups/group_tracker.h"
#include "core/collector.h"
#include "core/state_file.h"

namespace vitalsd {

class GroupMemory {
 public:
  /// Before the first update: takes what an earlier daemon left on this boot. A damaged file is told through
  /// context.faults, and begins anew.
  void restore(CollectContext& context, GroupTracker& tracker);
  /// After each update, before its values are published: what was told once is not taken back after a SIGKILL.
  void save(CollectContext& context, const GroupTracker& tracker);

 private:
  std::optional<StateFile> file_;
  std::string boot_;
  std::string body_;
  std::chrono::steady_clock::time_point synced_{};
};

}  // namespace vitalsd
