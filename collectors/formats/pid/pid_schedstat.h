// The format of /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst, fs/proc/base.c proc_pid_schedstat()).
//   const auto sched = pid_schedstat::parse(*text); std::chrono::nanoseconds(sched->run_delay)
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// The times of one thread; /proc/PID shows the main thread. All are 0 if the kernel does not count (sched_info_on()).
struct PidSchedstat {
  std::uint64_t run_time = 0;    ///< nanoseconds on a CPU
  std::uint64_t run_delay = 0;   ///< nanoseconds runnable but waiting for a CPU
  std::uint64_t timeslices = 0;  ///< how often it got a CPU

  bool counted() const noexcept { return run_time != 0 || run_delay != 0 || timeslices != 0; }
};

namespace pid_schedstat {

/// Malformed unless the text, which is one line, begins with three numbers.
Result<PidSchedstat> parse(std::string_view text);

}  // namespace pid_schedstat
}  // namespace vitalsd
