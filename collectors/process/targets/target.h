// One watched process and what is known of it from round to round.
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
  zombie,   ///< ended, and not yet waited for by its parent
  unknown,  ///< there may be one, but the kernel does not let us look
};

/// What could not be read of a target this round, as two label values with static storage.
struct Unreadable {
  std::string_view field, reason;
};

struct Target {
  explicit Target(TargetSpec of) : spec(std::move(of)) {}

  TargetSpec spec;
  Presence presence = Presence::absent;
  ProcessId process;           ///< of `up` and `zombie`
  ProcessId last;              ///< that was up most recently; pid 0: none yet
  bool ended = false;          ///< `last` is known to have ended: the same pid and start again is another, however soon
  std::uint64_t restarts = 0;  ///< how often `last` became another
  std::uint64_t matches = 0;   ///< processes that the selector fitted when all were last looked at
  std::optional<double> start_time;  ///< of `process`, seconds since the epoch
  Fd pidfd;                          ///< of `process`, when pidfds can be had
  Ending ending;                     ///< of one that was up before
  OomCount oom;                      ///< of the process
  TargetExits exits;
  char state = 0;                    ///< letter of /proc/PID/stat
  std::optional<std::uint64_t> uid;  ///< whose name `user` is
  std::string user;
  std::vector<Unreadable> unreadable;  ///< of this round
};

/// Ended, though its entry in the process table is still there. A first thread that ended before the others of its
/// process is shown as a zombie too, but its process lives.
inline bool has_ended(const PidStat& stat) noexcept {
  return stat.state == 'X' || stat.state == 'x' || (stat.state == 'Z' && stat.num_threads <= 1);
}

/// Reads a file of a process, by FileSource::read or ::attribute. A descriptor kept of an earlier process with the same
/// pid answers that it is gone, and is dropped: then whoever has the pid now is asked.
using ReadWay = Result<std::string_view> (FileSource::*)(std::string_view, std::string&, Keep) const;
Result<std::string_view> read_process_file(const FileSource& procfs, ReadWay way, std::string_view path,
                                           std::string& buffer, Keep keep);

/// Notes that `field` of the target could not be read, and tells the remedy to those who listen.
void note_unreadable(CollectContext& context, Target& target, std::string_view field, const Error& error);
/// The same with a reason of its own instead of the error's name.
void note_unreadable(CollectContext& context, Target& target, std::string_view field, const Error& error,
                     std::string_view reason);

}  // namespace vitalsd
