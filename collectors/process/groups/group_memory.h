// Keeps a tracker's totals in the state directory until the machine reboots, so that no counter falls when the daemon
// is restarted or upgraded.
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
  /// Restores what an earlier daemon saved on this boot. Call before the first update. Reports a damaged file as a
  /// fault, and starts with empty totals then.
  void restore(CollectContext& context, GroupTracker& tracker);
  /// Saves the totals. Call after each update, before publishing, so that no published value falls after a SIGKILL.
  void save(CollectContext& context, const GroupTracker& tracker);

 private:
  std::optional<StateFile> file_;
  std::string boot_;
  std::string body_;
  std::chrono::steady_clock::time_point synced_{};
};

}  // namespace vitalsd
