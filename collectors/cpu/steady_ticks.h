// Keeps the times of CPUs from stepping back, which the kernel lets idle and iowait do and no counter may.
#pragma once

#include <span>
#include <vector>

#include "collectors/formats/proc_stat.h"

namespace vitalsd {

class SteadyTicks {
 public:
  /// Takes what was just read and gives what to report: for each CPU and mode the most ever seen. When a CPU's idle
  /// time falls by `reset` or more, it was switched off and on again, and counts anew. CPUs that are gone are
  /// forgotten.
  std::span<const CpuTicks> update(std::span<const CpuTicks> now, std::uint64_t reset);

 private:
  const CpuTicks* last_of(std::size_t place, std::uint32_t cpu) const;

  std::vector<CpuTicks> last_;
  std::vector<CpuTicks> next_;
};

}  // namespace vitalsd
