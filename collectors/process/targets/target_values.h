// The values of one target in one round, and the families under which they are published.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "collectors/process/targets/target.h"
#include "core/family.h"
#include "core/sink.h"

namespace vitalsd {

/// In base units. A value that could not be read is kAbsent, or an empty text.
struct TargetValues {
  double cpu_user = kAbsent, cpu_system = kAbsent;
  double run_delay = kAbsent;
  double anonymous = kAbsent, file = kAbsent, shared = kAbsent;
  double peak = kAbsent, virtual_memory = kAbsent, swap = kAbsent, data = kAbsent;
  double open_fds = kAbsent, max_fds = kAbsent;
  double threads = kAbsent;
  double voluntary = kAbsent, nonvoluntary = kAbsent;
  double minor = kAbsent, major = kAbsent;
  double storage_read = kAbsent, storage_written = kAbsent;
  double calls_read = kAbsent, calls_written = kAbsent;
  double oom_score = kAbsent, oom_score_adj = kAbsent;
  std::int32_t ppid = 0;
  std::string exe, cwd, command;  ///< any bytes

  /// Clears all values but keeps the texts' memory.
  void clear();
};

/// All families of targets, for the registration.
std::span<const Family* const> target_families();
/// Of these, the ones that the daemon's history keeps.
std::span<const Family* const> remembered_target_families();

/// Publishes a target. `values` is null unless it is up. Absent values have no sample.
void publish_target(Sink& sink, const Target& target, const TargetValues* values);

}  // namespace vitalsd
