// The formats of /proc/interrupts (kernel/irq/proc.c, arch/*/kernel/irq.c) and /proc/softirqs (fs/proc/softirqs.c): a
// heading of CPUs that are online, then a name, a number for each of them, and what the line is about.
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

/// Reused from run to run; names and details are views into the parsed text.
struct CpuCounts {
  static constexpr std::size_t kMostCpus = 8192;
  static constexpr std::size_t kMostNumbers = 1U << 20U;
  struct Row {
    std::string_view name, details;
    std::size_t first;  ///< in numbers, one for each CPU
  };
  std::vector<std::uint32_t> cpus;
  std::vector<Row> rows;
  std::vector<std::uint64_t> numbers;

  std::span<const std::uint64_t> of(const Row& row) const noexcept {
    return std::span(numbers).subspan(row.first, cpus.size());
  }
};

namespace cpu_counts {
/// Replaces `out`. Lines with fewer numbers than CPUs (ERR and MIS, which count for all) are left out. Malformed: no
/// heading. Bad lines as core/lines.h says.
Result<void> parse(std::string_view text, CpuCounts& out, FaultSink& faults);
}  // namespace cpu_counts

}  // namespace vitalsd
