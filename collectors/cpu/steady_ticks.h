// Keeps the times of CPUs from stepping back a little, which the kernel lets them do and no counter may.
//   for (const CpuTicks& cpu : steady.update(parsed, most_back)) sink.add(...);
#pragma once

#include <span>
#include <vector>

#include "collectors/formats/proc_stat.h"

namespace vitalsd {

class SteadyTicks {
 public:
  /// Takes what was just read and gives what to report: for each CPU and mode the most that was reported. When a mode
  /// falls by `most_back` or more below that, all of its CPU counts anew from what was read: it was switched off and
  /// on, or the machine was moved and what it reported before was wrong. CPUs that are gone are forgotten.
  std::span<const CpuTicks> update(std::span<const CpuTicks> now, std::uint64_t most_back);

 private:
  struct Told {
    CpuTicks ticks;
    std::uint64_t not_busy = 0;  ///< the most that idle and iowait were together
  };
  const Told* last_of(std::size_t place, std::uint32_t cpu) const;

  std::vector<Told> last_;
  std::vector<Told> next_;
  std::vector<CpuTicks> out_;
};

}  // namespace vitalsd
