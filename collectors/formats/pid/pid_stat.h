// The format of /proc/PID/stat and /proc/PID/task/TID/stat (proc_pid_stat(5), fs/proc/array.c do_task_stat()).
//   const auto stat = pid_stat::parse(*text); if (!stat) return fail(stat.error()); units.ticks(stat->utime);
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// One process or thread. Times are in clock ticks (Units::ticks), `rss` is in pages (Units::pages).
struct PidStat {
  std::int32_t pid = 0;
  std::string_view comm;  ///< as the process set it: any bytes, including `)` and newlines; a view into the parsed text
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
  std::uint64_t utime = 0;  ///< includes guest time
  std::uint64_t stime = 0;
  std::uint64_t cutime = 0;  ///< of children that were waited for
  std::uint64_t cstime = 0;
  std::int64_t priority = 0;
  std::int64_t nice = 0;
  std::int64_t num_threads = 0;
  std::uint64_t starttime = 0;              ///< since boot; together with the pid it identifies a process
  std::uint64_t vsize = 0;                  ///< bytes
  std::uint64_t rss = 0;                    ///< approximate under load, since the kernel batches its counters per CPU
  std::int32_t processor = -1;              ///< the CPU it last ran on; -1 if the kernel does not report it
  std::uint64_t delayacct_blkio_ticks = 0;  ///< waiting for block I/O; also 0 if delay accounting is off
  std::uint32_t exit_code = 0;  ///< of a zombie, encoded as by waitpid(); also 0 without the permission to read it
};

namespace pid_stat {

/// Malformed if a field up to `rss` is missing, overflows or is not a number. Later fields are optional.
Result<PidStat> parse(std::string_view text);

}  // namespace pid_stat
}  // namespace vitalsd
