// One watched process and what is known of it between rounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/formats/pid/pid_stat.h"
#include "collectors/process/sources/process_sample.h"
#include "collectors/process/targets/target_end.h"
#include "collectors/process/targets/target_oom.h"
#include "collectors/process/targets/target_spec.h"
#include "core/collector.h"
#include "core/fd.h"

namespace vitalsd {
enum class Presence : std::uint8_t {
  absent,
  up,
  zombie,   ///< ended, but its parent has not waited for it yet
  unknown,  ///< it may exist, but the kernel does not permit us to look
};

/// A field of a target that could not be read in this round, as two label values with static storage.
struct Unreadable {
  std::string_view field, reason;
};

struct Target {
  explicit Target(TargetSpec of) : spec(std::move(of)) {}

  TargetSpec spec;
  Presence presence = Presence::absent;
  ProcessId process;           ///< valid for `up` and `zombie`
  ProcessId last;              ///< the process that was up most recently; pid 0: none yet
  bool ended = false;          ///< `last` is known to have ended: even the same pid and start is then another process
  std::uint64_t restarts = 0;  ///< how often `last` changed to another process
  std::uint64_t matches = 0;   ///< how many processes the selector matched in the last walk
  std::optional<double> start_time;  ///< of `process`, seconds since the epoch
  Fd pidfd;                          ///< of `process`, if pidfds are available
  Ending ending;                     ///< of a process that was up before
  OomCount oom;                      ///< of the cgroup of `process`
  TargetExits exits;
  char state = 0;                    ///< the letter in /proc/PID/stat
  std::optional<std::uint64_t> uid;  ///< the user id whose name is `user`
  std::string user;
  std::vector<Unreadable> unreadable;  ///< in this round
};

/// Whether the process has ended, even if its entry in the process table remains. A first thread that ended before the
/// others is shown as a zombie, too, but its process lives.
inline bool has_ended(const PidStat& stat) noexcept {
  return stat.state == 'X' || stat.state == 'x' || (stat.state == 'Z' && stat.num_threads <= 1);
}

/// Reads a file of a process by FileSource::read or ::attribute. If a kept descriptor belongs to an earlier process
/// with the same pid, it fails and is dropped, and the read is repeated for the process that has the pid now.
using ReadWay = Result<std::string_view> (FileSource::*)(std::string_view, std::string&, Keep) const;
Result<std::string_view> read_process_file(const FileSource& procfs, ReadWay way, std::string_view path,
                                           std::string& buffer, Keep keep);

/// Notes that `field` of the target could not be read, and reports a fault with its remedy.
void note_unreadable(CollectContext& context, Target& target, std::string_view field, const Error& error);
/// As above, with a reason of its own instead of the error's name.
void note_unreadable(CollectContext& context, Target& target, std::string_view field, const Error& error,
                     std::string_view reason);

}  // namespace vitalsd
