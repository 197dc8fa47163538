// Divides a process's exact run time into user and system time as the kernel does (kernel/sched/cputime.c
// cputime_adjust()): in the ratio that the ticks found, which only sample what the process does.
#pragma once

#include <cstdint>

namespace vitalsd {

/// In nanoseconds.
struct CpuTimes {
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  bool operator==(const CpuTimes&) const = default;
};

/// Divides `run` so that neither part falls below that of `last`, the previous result. The sum is `run`, unless `run`
/// itself fell.
inline CpuTimes keep_rising(CpuTimes now, std::uint64_t run, CpuTimes last) noexcept {
  if (last.user + last.system >= run) return last;
  if (now.system < last.system) now = {run - last.system, last.system};
  if (now.user < last.user) now = {last.user, run - last.user};
  return now;
}

/// `ticks` is what ticks found, `run` the run time, `last` the kernel's previous result for this process.
inline CpuTimes scale_cpu_times(CpuTimes ticks, std::uint64_t run, CpuTimes last) noexcept {
  __extension__ using Wide = unsigned __int128;
  CpuTimes now{run, 0};
  if (ticks.system != 0) {
    now.system = run;
    if (ticks.user != 0) {
      now.system = static_cast<std::uint64_t>(Wide{ticks.system} * run / (Wide{ticks.system} + ticks.user));
    }
    now.user = run - now.system;
  }
  return keep_rising(now, run, last);
}

}  // namespace vitalsd
