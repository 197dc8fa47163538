// Reads the files of one target that is up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "collectors/kit/pid_path.h"
#include "collectors/process/targets/target.h"
#include "collectors/process/targets/target_values.h"
#include "core/collector.h"

namespace vitalsd {

class TargetReader {
 public:
  /// Fills `values` from the target's files and from `stat`, which was read in this round. A denied or malformed field
  /// is noted on the target and stays absent. The first `kept_files` files stay open between rounds. The values are
  /// valid only if TargetTracker::still_up() returns true afterwards.
  void read(CollectContext& context, Target& target, const PidStat& stat, std::size_t kept_files, TargetValues& values);

 private:
  struct File;
  static const File kFiles[];

  Result<void> status(CollectContext& context, Target& target, Keep keep, TargetValues& values);
  Result<void> schedstat(CollectContext& context, Target& target, Keep keep, TargetValues& values);
  Result<void> io(CollectContext& context, Target& target, Keep keep, TargetValues& values);
  Result<void> limits(CollectContext& context, Target& target, Keep keep, TargetValues& values);
  Result<void> oom_score(CollectContext& context, Target& target, Keep keep, TargetValues& values);
  Result<void> oom_score_adj(CollectContext& context, Target& target, Keep keep, TargetValues& values);
  Result<void> command(CollectContext& context, Target& target, Keep keep, TargetValues& values);
  Result<void> exe(CollectContext& context, Target& target, Keep keep, TargetValues& values);
  Result<void> cwd(CollectContext& context, Target& target, Keep keep, TargetValues& values);
  Result<void> open_fds(CollectContext& context, Target& target, Keep keep, TargetValues& values);

  void find_user(CollectContext& context, Target& target, std::uint64_t uid);

  PidPath path_;
  Names names_;
};

}  // namespace vitalsd
