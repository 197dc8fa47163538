// One group of processes: what it has used since the daemon started, and its present state.
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
  ProcessCounts total;  ///< including threads that have ended
  std::uint32_t threads = 0;
  bool io = false;              ///< whether I/O was readable for any of them
  std::uint64_t last_seen = 0;  ///< in which round
};

struct Group {
  explicit Group(std::string of) : name(std::move(of)) {}

  std::string name;
  bool named = false;   ///< the configuration names it: it exists even when empty
  bool fixed = false;   ///< a rule names it literally: it is kept without processes
  bool met = false;     ///< whether it had a process that could be read
  bool lasted = false;  ///< whether it had processes in more than one sample
  std::chrono::steady_clock::time_point first_met, last_met;  ///< when it first and last had a process
  bool hidden = false;                                        ///< not among the largest: its use is counted in `other`

  // Kept while hidden, too, to order groups by size.
  std::uint64_t all_cpu = 0;    ///< ns since the group is known
  std::uint64_t all_bytes = 0;  ///< resident, in this round
  double size = 0;

  GroupUsage usage;

  ProcessCounts total;
  Has counted = Has::none;   ///< the parts of `total` that could be read of any process so far
  std::uint64_t exited = 0;  ///< ns of CPU of processes that were born or ended between two rounds
  std::map<std::string, ThreadGroup, std::less<>> by_thread;
  std::map<std::string, std::uint64_t, std::less<>> exits;  ///< by reason

  // Sums over this round's processes.
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
  bool pss = false;                ///< whether it was read of any process
  std::map<std::string, std::uint32_t, std::less<>> wchans;

  /// Clears the values of one round. Keeps the names of wait channels with the value 0, so a steady state allocates
  /// nothing.
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
