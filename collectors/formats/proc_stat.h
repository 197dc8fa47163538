// The format of /proc/stat (proc_stat(5)). Two collectors read it: one uses the CPUs, the other everything else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// The times of one CPU since boot, in clock ticks (Units::ticks).
struct CpuTicks {
  enum Mode : std::uint8_t { user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice, kModes };
  std::uint32_t cpu = 0;
  std::uint8_t modes = 0;  ///< how many modes this kernel counts, from `user` on: at least 4
  std::array<std::uint64_t, kModes> ticks{};
};

/// The counters below the CPUs' lines. Those that a kernel lacks are empty.
struct StatTotals {
  static constexpr std::size_t kVectors = 10;
  std::optional<std::uint64_t> interrupts, context_switches, boot_time, forks, running, blocked;
  /// Softirqs by vector, in the kernel's order (include/linux/interrupt.h).
  std::array<std::uint64_t, kVectors> softirqs{};
  std::size_t vectors = 0;
};

namespace proc_stat {

/// Replaces `out` with the lines cpu0, cpu1 and so on up to `intr`. Leaves out the sum over all CPUs. Handles bad lines
/// (fewer than four numbers, a bad number, a repeated CPU) as core/lines.h does.
Result<void> parse_cpus(std::string_view text, std::vector<CpuTicks>& out, FaultSink& faults);

/// Parses the known lines. Handles bad lines as core/lines.h does.
Result<StatTotals> parse_totals(std::string_view text, FaultSink& faults);

/// Reads only the line "btime SECONDS", in seconds since 1970; empty if there is none.
std::optional<double> boot_time(std::string_view text);

}  // namespace proc_stat
}  // namespace vitalsd
