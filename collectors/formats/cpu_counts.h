// The formats of /proc/interrupts (kernel/irq/proc.c, arch/*/kernel/irq.c) and /proc/softirqs (fs/proc/softirqs.c): a
// heading with the online CPUs, then lines of a name, a number for each CPU, and a description.
//              CPU0       CPU2
//     1:      17960        105  IR-IO-APIC-edge      i8042
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// Reused by each run. Names and details are views into the parsed text.
struct CpuCounts {
  static constexpr std::size_t kMostCpus = 8192;
  static constexpr std::size_t kMostNumbers = 1U << 20U;
  struct Row {
    std::string_view name, details;
    std::size_t first;  ///< index into `numbers`, of the first of one number per CPU
  };
  std::vector<std::uint32_t> cpus;
  std::vector<Row> rows;
  std::vector<std::uint64_t> numbers;

  std::span<const std::uint64_t> of(const Row& row) const noexcept {
    return std::span(numbers).subspan(row.first, cpus.size());
  }
};

namespace cpu_counts {
/// Replaces `out`. Leaves out lines with fewer numbers than CPUs (ERR and MIS, which count for all CPUs). Malformed if
/// there is no heading. Handles bad lines as core/lines.h does.
Result<void> parse(std::string_view text, CpuCounts& out, FaultSink& faults);
}  // namespace cpu_counts

}  // namespace vitalsd
