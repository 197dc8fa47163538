// The format of /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst, fs/proc/base.c proc_pid_schedstat()).
//   const auto sched = pid_schedstat::parse(*text); std::chrono::nanoseconds(sched->run_delay)
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// Of one thread: for /proc/PID, of the process's first. All is 0 where the kernel does not count (sched_info_on()).
struct PidSchedstat {
  std::uint64_t run_time = 0;    ///< nanoseconds on a CPU
  std::uint64_t run_delay = 0;   ///< nanoseconds ready to run, waiting for a CPU
  std::uint64_t timeslices = 0;  ///< times it got a CPU

  bool counted() const noexcept { return run_time != 0 || run_delay != 0 || timeslices != 0; }
};

namespace pid_schedstat {

/// Fails as malformed unless the text begins with three numbers: it is one line, and is lost as one.
Result<PidSchedstat> parse(std::string_view text);

}  // namespace pid_schedstat
}  // namespace vitalsd
