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

/// The fields that are used. Memory is in bytes. A line that a kernel thread, a zombie or an old kernel lacks is empty,
/// never 0.
struct PidStatus {
  std::optional<std::uint64_t>
      tgid;        ///< differs from the requested pid if that is the id of another thread than the main one
  char state = 0;  ///< as in /proc/PID/stat, of this one thread; 0: unknown
  std::optional<std::uint64_t> euid;   ///< the user whose rights it has
  unsigned pid_namespaces = 0;         ///< the number of levels in NSpid, from that of the procfs inwards; 0: unknown
  std::optional<std::uint64_t> peak;   ///< VmHWM: the maximum that was ever resident
  std::optional<std::uint64_t> data;   ///< VmData: private writable memory without the stack
  std::optional<std::uint64_t> swap;   ///< VmSwap: swapped anonymous pages, without shared memory
  std::optional<std::uint64_t> anon;   ///< RssAnon; this and the two below exist since Linux 4.5
  std::optional<std::uint64_t> file;   ///< RssFile
  std::optional<std::uint64_t> shmem;  ///< RssShmem: tmpfs, System V and shared anonymous memory
  std::optional<std::uint64_t> voluntary_switches;     ///< of this one thread, not of the process
  std::optional<std::uint64_t> nonvoluntary_switches;  ///< of this one thread, not of the process
};

namespace pid_status {

/// Handles bad lines as core/lines.h does.
Result<PidStatus> parse(std::string_view text, FaultSink& faults);

}  // namespace pid_status
}  // namespace vitalsd
