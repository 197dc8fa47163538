// The format of /proc/PID/stat and /proc/PID/task/TID/stat (proc_pid_stat(5), fs/proc/array.c do_task_stat()).
//   const auto stat = pid_stat::parse(*text); if (!stat) return fail(stat.error()); units.ticks(stat->utime);
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// One process or thread. Times are in clock ticks, see Units::ticks; `rss` is in pages, see Units::pages.
struct PidStat {
  std::int32_t pid = 0;
  std::string_view comm;  ///< as the process set it: any bytes, also `)` and newlines; a view into the parsed text
  char state = 0;         ///< R S D Z T t X I P
  std::int32_t ppid = 0;
  std::int32_t pgrp = 0;
  std::int32_t session = 0;
  std::int32_t tty_nr = 0;
  std::int32_t tpgid = 0;
  std::uint64_t flags = 0;  ///< PF_* of include/linux/sched.h
  std::uint64_t minflt = 0;
  std::uint64_t cminflt = 0;
  std::uint64_t majflt = 0;
  std::uint64_t cmajflt = 0;
  std::uint64_t utime = 0;  ///< guest time included
  std::uint64_t stime = 0;
  std::uint64_t cutime = 0;  ///< of children that were waited for
  std::uint64_t cstime = 0;
  std::int64_t priority = 0;
  std::int64_t nice = 0;
  std::int64_t num_threads = 0;
  std::uint64_t starttime = 0;              ///< since boot; with the pid it is the identity of a process
  std::uint64_t vsize = 0;                  ///< bytes
  std::uint64_t rss = 0;                    ///< not exact under load: the kernel batches its counters per CPU
  std::int32_t processor = -1;              ///< the CPU it last ran on; -1 where the kernel does not tell
  std::uint64_t delayacct_blkio_ticks = 0;  ///< waiting for block I/O; 0 also when delay accounting is off
  std::uint32_t exit_code = 0;              ///< of a zombie, as waitpid() tells it; 0 also for those who may not know
};

namespace pid_stat {

/// Fails as malformed when a field up to `rss` is missing, overflows or is not a number. Later fields are optional.
Result<PidStat> parse(std::string_view text);

}  // namespace pid_stat
}  // namespace vitalsd
