// What one round reads of one cgroup, whichever version of the kernel's interface told it.
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "collectors/formats/cgroup_files.h"
#include "collectors/formats/psi.h"
#include "core/family.h"

namespace vitalsd {

/// Of one size of huge pages, in bytes; kAbsent as below.
struct CgroupHugePages {
  std::string_view size;  ///< "2MB"; lives as long as the collector
  double usage = kAbsent, peak = kAbsent, limit_hits = kAbsent;
};

/// kAbsent: not told, because the kernel, the version or the controller lacks it, or there is no limit. Seconds, bytes.
/// These are read in each round.
struct CgroupUsage {
  // CPU
  double usage = kAbsent, user = kAbsent, system = kAbsent;
  double periods = kAbsent, throttled_periods = kAbsent, throttled_seconds = kAbsent;  ///< absent without a quota
  double burst_periods = kAbsent, burst_seconds = kAbsent;

  // Memory
  double memory = kAbsent, rss = kAbsent, cache = kAbsent, mapped_file = kAbsent;
  double active_file = kAbsent, inactive_file = kAbsent, dirty = kAbsent, writeback = kAbsent;
  double faults = kAbsent, major_faults = kAbsent;          ///< of the cgroup and those below
  double own_faults = kAbsent, own_major_faults = kAbsent;  ///< of the cgroup alone; version 1 knows it
  double scanned = kAbsent, stolen = kAbsent, refault_file = kAbsent, refault_anon = kAbsent;
  double event_low = kAbsent, event_high = kAbsent, event_max = kAbsent;
  double event_oom = kAbsent, oom_kills = kAbsent, oom_group_kills = kAbsent;

  Pressure cpu_pressure, memory_pressure, io_pressure;

  double threads = kAbsent;
};

/// And these when they are older than CollectContext::lasting.
struct CgroupStats : CgroupUsage {
  double quota = kAbsent, period = kAbsent;  ///< microseconds, as cAdvisor tells them
  double shares = kAbsent;                   ///< of version 1; what a weight of version 2 comes to
  double peak = kAbsent, limit = kAbsent, swap_limit = kAbsent, reservation = kAbsent;
  double swap = kAbsent, kernel = kAbsent;
  double limit_hits = kAbsent;
  double threads_max = kAbsent, thread_limit_hits = kAbsent;
  double processes = kAbsent;  ///< with those in the cgroups below
  double started = kAbsent;    ///< seconds since 1970, of the oldest process

  /// Told by /proc for each process, where that is asked for; with those in the cgroups below.
  double descriptors = kAbsent, sockets = kAbsent;
  double open_files_limit = kAbsent;  ///< of the first process; -1: none
  std::int32_t first_pid = 0;         ///< in the cgroup itself; 0: none, or none of this pid namespace

  std::uint32_t lacks = 0;  ///< see CgroupReader

  std::vector<CgroupDevice> devices;
  std::vector<CgroupHugePages> huge_pages;
  std::vector<double> usage_per_cpu;

  /// Usage less what could be dropped at once: what the kubelet evicts by.
  double working_set() const noexcept { return memory < inactive_file ? 0 : memory - inactive_file; }
  void clear_usage() { static_cast<CgroupUsage&>(*this) = {}; }
  /// Empties it and keeps the memory.
  void clear() {
    auto kept = std::tuple(std::move(devices), std::move(huge_pages), std::move(usage_per_cpu));
    *this = {};
    std::tie(devices, huge_pages, usage_per_cpu) = std::move(kept);
    devices.clear();
    huge_pages.clear();
    usage_per_cpu.clear();
  }
};

}  // namespace vitalsd
