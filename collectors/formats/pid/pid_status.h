// The format of /proc/PID/status (proc_pid_status(5), fs/proc/array.c proc_pid_status(), fs/proc/task_mmu.c
// task_mem()).
//   const auto status = pid_status::parse(*text); if (!status) return fail(status.error());
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// What is used of it. Memory is in bytes. Kernel threads, zombies and old kernels lack some lines: nothing, never 0.
struct PidStatus {
  std::optional<std::uint64_t> tgid;   ///< differs from the pid asked for when that is the id of a mere thread
  char state = 0;                      ///< as in /proc/PID/stat, of this one thread; 0: not told
  std::optional<std::uint64_t> euid;   ///< as whom it acts
  unsigned pid_namespaces = 0;         ///< how many levels NSpid shows, from that of the procfs inwards; 0: not told
  std::optional<std::uint64_t> peak;   ///< VmHWM: the most that was ever resident
  std::optional<std::uint64_t> data;   ///< VmData: private writable, stack apart
  std::optional<std::uint64_t> swap;   ///< VmSwap: anonymous pages swapped out, shared memory apart
  std::optional<std::uint64_t> anon;   ///< RssAnon, and below, since Linux 4.5
  std::optional<std::uint64_t> file;   ///< RssFile
  std::optional<std::uint64_t> shmem;  ///< RssShmem: tmpfs, System V and shared anonymous memory
  std::optional<std::uint64_t> voluntary_switches;     ///< of this one thread, not of the process
  std::optional<std::uint64_t> nonvoluntary_switches;  ///< of this one thread, not of the process
};

namespace pid_status {

/// Bad lines as core/lines.h says.
Result<PidStatus> parse(std::string_view text, FaultSink& faults);

}  // namespace pid_status
}  // namespace vitalsd
