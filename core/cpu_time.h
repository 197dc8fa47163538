// The CPU time that this process or the calling thread has used (clock_gettime(2)).
#pragma once

#include <chrono>
#include <ctime>

namespace vitalsd {

inline std::chrono::nanoseconds cpu_time(clockid_t clock) noexcept {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}
inline std::chrono::nanoseconds process_cpu() noexcept { return cpu_time(CLOCK_PROCESS_CPUTIME_ID); }
inline std::chrono::nanoseconds thread_cpu() noexcept { return cpu_time(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace vitalsd
