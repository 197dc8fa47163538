// Counters of the kernel's performance events, each of one CPU and all its processes (perf_event_open(2)).
//   PerfEvents events(system_perf_event_open); events.add(cpu, {type, config}, row); events.read([](const auto& e) {
//   ... });
#pragma once

#include <linux/perf_event.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/fd.h"
#include "core/result.h"

namespace vitalsd {

/// What perf_event_attr says of an event.
struct PerfKind {
  std::uint32_t type = 0;
  std::uint64_t config = 0;
};

/// Gives a descriptor, or a negative errno.
using PerfEventOpen = int (*)(perf_event_attr* attributes, int cpu);
int system_perf_event_open(perf_event_attr* attributes, int cpu) noexcept;

struct PerfEvent {
  std::uint32_t cpu = 0;
  PerfKind kind;
  std::size_t row = 0;  ///< of the caller
  Fd fd;
  int error = 0;  ///< errno, where it is not open
  /// What was counted since it was opened. A CPU with fewer counters than events lets them take turns: what it counted
  /// while an event had its turn stands for the rest of the time, as perf(1) has it, and never falls.
  double count = 0;
  bool known = false;                                 ///< it has been counted at least once
  std::uint64_t value = 0, enabled = 0, running = 0;  ///< as the kernel gave them last
};

class PerfEvents {
 public:
  explicit PerfEvents(PerfEventOpen opener) : open_(opener) {}

  void add(std::uint32_t cpu, PerfKind kind, std::size_t row) {
    events_.push_back({.cpu = cpu, .kind = kind, .row = row, .fd = {}});
  }
  /// Opens those that are not open; `most` may be open in all. With `again`, also those that the system refused for the
  /// moment: a CPU that was off, no descriptor left.
  void open(std::size_t most, bool again);
  /// Reads all that are open.
  void read();
  const std::vector<PerfEvent>& all() const noexcept { return events_; }
  std::vector<PerfEvent>& all() noexcept { return events_; }

  /// The kernel, or the machine, does not have such an event: there is no use in asking again.
  static bool is_missing(int error) noexcept;

 private:
  PerfEventOpen open_;
  std::vector<PerfEvent> events_;
};

}  // namespace vitalsd
