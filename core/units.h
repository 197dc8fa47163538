// The units of kernel files, injected so that fixtures from another machine can be read.
#pragma once

#include <unistd.h>

#include <cstdint>

namespace vitalsd {

struct Units {
  double ticks_per_second = 100;   ///< USER_HZ: utime, stime, starttime, /proc/stat
  std::uint64_t page_size = 4096;  ///< bytes: rss in /proc/PID/stat

  double ticks(std::uint64_t ticks) const noexcept { return static_cast<double>(ticks) / ticks_per_second; }
  double pages(std::uint64_t pages) const noexcept {
    return static_cast<double>(pages) * static_cast<double>(page_size);
  }

  static Units of_this_machine() {
    return {static_cast<double>(::sysconf(_SC_CLK_TCK)), static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))};
  }
};

}  // namespace vitalsd
