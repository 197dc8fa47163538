// What a supervisor writes for the daemon, in memory that both have mapped. Read by the daemon when the supervisor has
// ended; of the program itself nothing gets here, since execve(2) drops the mapping.
#pragma once

#include <cstddef>
#include <cstdint>

#include "collectors/automation/supervised_run.h"

namespace vitalsd {

/// What is done between fork and execve; the order is that of kStepNames.
enum class LaunchStep : std::uint8_t { none, prepare, fork, nice, limits, user, directory, execute };

struct RunMemory {
  bool ended, timed_out, too_much, canceled, escaped;
  LaunchStep step;  ///< that failed
  int error;        ///< its errno
  int status;
  std::uint32_t left;
  std::int64_t nanoseconds;
  std::uint64_t output_size;
  std::uint64_t error_count;  ///< bytes of standard error in all; they lie in `errors` as in a ring
  char errors[kKeptErrors];
  std::uint64_t output_limit;

  /// What the program printed: `output_limit` bytes of room behind this.
  char* output() noexcept { return reinterpret_cast<char*>(this + 1); }
};

/// In the supervisor: launches the program, keeps the deadline, reads what is written, leaves nothing behind.
/// `control` ends when the daemon does. All signals are blocked.
[[noreturn]] void supervise(const CommandSpec& spec, const Launch& launch, RunMemory& memory, int control) noexcept;

/// In the program's process, whose standard output and error these become. Only returns when a step has failed, which
/// is in `memory` then. `supervisor` is its parent.
void launch_program(const CommandSpec& spec, const Launch& launch, RunMemory& memory, int output, int errors,
                    pid_t supervisor) noexcept;

}  // namespace vitalsd
