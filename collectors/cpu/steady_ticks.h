// Keeps CPU times from stepping back a little, which the kernel lets them do but a counter must not.
//   for (const CpuTicks& cpu : steady.update(parsed, most_back)) sink.add(...);
#pragma once

#include <span>
#include <vector>

#include "collectors/formats/proc_stat.h"

namespace vitalsd {

class SteadyTicks {
 public:
  /// Takes the values that were just read and returns those to publish: for each CPU and mode the highest so far. If a
  /// mode falls by `most_back` or more, its whole CPU restarts from the new values, because it was switched off and on
  /// or the virtual machine was moved. CPUs that are gone are forgotten.
  std::span<const CpuTicks> update(std::span<const CpuTicks> now, std::uint64_t most_back);

 private:
  struct Published {
    CpuTicks ticks;
    std::uint64_t not_busy = 0;  ///< the highest sum of idle and iowait
  };
  const Published* last_of(std::size_t place, std::uint32_t cpu) const;

  std::vector<Published> last_;
  std::vector<Published> next_;
  std::vector<CpuTicks> out_;
};

}  // namespace vitalsd
