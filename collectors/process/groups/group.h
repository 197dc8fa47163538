// One group of processes: what it has used since the daemon began, and what it is at the moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "collectors/process/groups/group_usage.h"
#include "collectors/process/sources/process_sample.h"

namespace vitalsd {

/// The threads of one name within a group.
struct ThreadGroup {
  ProcessCounts total;  ///< also of threads that have ended
  std::uint32_t threads = 0;
  bool io = false;              ///< was readable of any of them
  std::uint64_t last_seen = 0;  ///< the round
};

struct Group {
  explicit Group(std::string of) : name(std::move(of)) {}

  std::string name;
  bool named = false;   ///< by the configuration: there even when empty
  bool fixed = false;   ///< the rules name it outright: it does not go for want of processes
  bool met = false;     ///< had a process that could be read
  bool lasted = false;  ///< had processes in more than one sample
  std::chrono::steady_clock::time_point first_met, last_met;  ///< when it had a process
  bool hidden = false;  ///< not among the largest: what it uses is counted in `other`

  // For the order of size, also while hidden.
  std::uint64_t all_cpu = 0;    ///< ns since it is known
  std::uint64_t all_bytes = 0;  ///< resident, of this round
  double size = 0;

  GroupUsage usage;

  ProcessCounts total;
  Has counted = Has::none;   ///< which of `total` could be read of any process so far
  std::uint64_t exited = 0;  ///< ns of CPU, of processes that were born or ended between two rounds
  std::map<std::string, ThreadGroup, std::less<>> by_thread;
  std::map<std::string, std::uint64_t, std::less<>> exits;  ///< by reason

  // Of this round's processes.
  std::uint32_t processes = 0;
  Has has = Has::none;
  ThreadStates states;
  std::uint64_t threads = 0;
  std::uint64_t resident_bytes = 0, virtual_bytes = 0, swap_bytes = 0;
  std::uint64_t anon_bytes = 0, file_bytes = 0, shmem_bytes = 0;
  std::uint64_t pss_bytes = 0, swap_pss_bytes = 0;
  std::uint64_t fds = 0;
  double worst_fd_ratio = 0;
  std::uint64_t oldest_start = 0;  ///< ticks since boot; meaningless without processes
  bool pss = false;                ///< was read of any process
  std::map<std::string, std::uint32_t, std::less<>> wchans;

  /// Empties what is of one round; names of wait channels stay, with 0, so that a steady state allocates nothing.
  void begin_round() {
    processes = 0;
    has = Has::none;
    states = {};
    threads = resident_bytes = virtual_bytes = swap_bytes = anon_bytes = file_bytes = shmem_bytes = 0;
    pss_bytes = swap_pss_bytes = fds = oldest_start = all_bytes = 0;
    worst_fd_ratio = 0;
    pss = false;
    for (auto& [channel, count] : wchans) count = 0;
    for (auto& [comm, thread] : by_thread) thread.threads = 0;
  }
};

}  // namespace vitalsd
