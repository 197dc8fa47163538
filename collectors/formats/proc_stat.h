// The format of /proc/stat (proc_stat(5)), read by two collectors: one takes the CPUs, the other the rest.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// What one CPU did since boot, in clock ticks (Units::ticks).
struct CpuTicks {
  enum Mode : std::uint8_t { user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice, kModes };
  std::uint32_t cpu = 0;
  std::uint8_t modes = 0;  ///< how many of them this kernel counts, from `user` on: 4 at least
  std::array<std::uint64_t, kModes> ticks{};
};

/// The counters below the CPUs' lines; what a kernel does not have is empty.
struct StatTotals {
  static constexpr std::size_t kVectors = 10;
  std::optional<std::uint64_t> interrupts, context_switches, boot_time, forks, running, blocked;
  /// softirqs by vector, in the order of the kernel (include/linux/interrupt.h)
  std::array<std::uint64_t, kVectors> softirqs{};
  std::size_t vectors = 0;
};

namespace proc_stat {

/// Replaces `out` with the lines cpu0, cpu1 and so on, as they come before `intr`; the sum over all CPUs is left out.
/// Bad lines as core/lines.h says: fewer than four numbers, a bad one, a CPU that was there already.
Result<void> parse_cpus(std::string_view text, std::vector<CpuTicks>& out, FaultSink& faults);

/// The lines that are known; bad ones as core/lines.h says.
Result<StatTotals> parse_totals(std::string_view text, FaultSink& faults);

/// Seconds since 1970, from the line "btime SECONDS" alone; empty when it is not there.
std::optional<double> boot_time(std::string_view text);

}  // namespace proc_stat
}  // namespace vitalsd
