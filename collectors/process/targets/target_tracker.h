// Binds each target to its process: detects its end, finds its successor, and never confuses the two.
//   if (auto updated = tracker.update(context); !updated) return updated; for (Target& target : tracker.targets()) ...
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "collectors/kit/pid_path.h"
#include "collectors/process/targets/pid_watch.h"
#include "collectors/process/targets/target.h"
#include "collectors/process/targets/target_finder.h"
#include "core/collector.h"
#include "core/retry.h"

namespace vitalsd {

class TargetTracker {
 public:
  explicit TargetTracker(std::vector<TargetSpec> specs);

  /// Updates the presence of all targets. Walks /proc only while a target that needs it is not up, and once a minute to
  /// count matches again. Errors: /proc itself cannot be read, or the run must stop.
  Result<void> update(CollectContext& context);

  /// Whether the target's process is alive now; reads its stat again if it has no pidfd. If not, updates the target's
  /// presence.
  bool still_up(CollectContext& context, Target& target);
  /// The stat of a target that update() found up, as read in that update.
  const PidStat& stat(std::size_t target) const { return stats_[target]; }
  /// How many files of each target may stay open.
  std::size_t kept_files() const noexcept;
  std::span<Target> targets() noexcept { return targets_; }
  int wake_fd() const noexcept { return watch_ ? watch_->fd() : -1; }

 private:
  // The stat of a candidate process.
  Result<PidStat> look(CollectContext& context, std::int32_t pid, Keep keep);
  void check_known(CollectContext& context, std::size_t index);
  Result<void> find_direct(CollectContext& context, std::size_t index);
  Result<void> consider(CollectContext& context, std::size_t index, std::int32_t pid,
                        std::optional<std::chrono::system_clock::time_point> written);
  Result<std::optional<std::int32_t>> read_pid_file(CollectContext& context, Target& target,
                                                    std::optional<std::chrono::system_clock::time_point>& written);
  Result<void> find_by_walk(CollectContext& context);
  void adopt(CollectContext& context, std::size_t index, const PidStat& stat);
  void unbind(Target& target);
  void note_end(CollectContext& context, Target& target);
  void settle(Target& target, Presence presence, const PidStat& stat);
  bool bind(CollectContext& context, std::size_t index, const ProcessId& process);
  std::int32_t self_in(CollectContext& context);
  void bind_again(CollectContext& context);
  bool pidfds_fit(CollectContext& context);
  Result<void> read_boot_time(CollectContext& context);

  std::vector<Target> targets_;
  std::vector<PidStat> stats_;
  std::optional<PidWatch> watch_;
  Retry retry_;
  std::optional<Error> lack_;  // of pidfds, where there may be some again
  TargetFinder finder_;
  PidPath path_;
  std::string file_;                 // for small files, while context.buffer holds a stat
  std::optional<double> boot_time_;  // in this round
  bool boot_time_read_ = false;
  std::optional<std::chrono::steady_clock::time_point> walked_;
};

}  // namespace vitalsd
