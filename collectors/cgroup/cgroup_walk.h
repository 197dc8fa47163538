// Finds the cgroups there are, within bounds, and remembers each from round to round.
//   walk.round(files, tree, gone); for (auto& [id, cgroup] : walk.cgroups()) ...
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "collectors/cgroup/cgroup_stats.h"
#include "collectors/cgroup/cgroup_trend.h"
#include "collectors/cgroup/container_path.h"
#include "collectors/cgroup/event_counters.h"
#include "collectors/cgroup/gone_cgroups.h"
#include "collectors/cgroup/hierarchy.h"
#include "collectors/formats/container_names.h"
#include "core/filter.h"

namespace vitalsd {

struct Cgroup {
  ContainerIdentity identity;  ///< views into the key of this entry
  bool reported = false;       ///< the filters let it through
  bool wanted = false;         ///< it or one below is reported: its limits count
  bool leaf = true;
  bool remade = false;      ///< in this round; another had its name in the one before
  std::uint64_t seen = 0;   ///< the round
  std::uint64_t inode = 0;  ///< of its directory in the first hierarchy that has it; 0: not known
  CgroupStats stats;
  double effective_cpu = kAbsent, effective_memory = kAbsent;
  double started = kAbsent;                              ///< found once
  double last_oom_kills = kAbsent, oom_kills_below = 0;  ///< of the round before; of this round, told of those below
  std::int32_t network_pid = 0;                          ///< the process that was asked for `network`
  std::uint64_t network = 0;                             ///< see CgroupNetworks; 0: not known
  std::shared_ptr<const ContainerNames> names;           ///< see CgroupNaming; null: not known
  std::uint64_t names_asked = 0;                         ///< when they were looked for
  int names_tries = 0;
  CgroupTrend trend;
  EventCounters past;  ///< of those that had its name before; it is reported with them
  EventCounters last;  ///< what was reported last: reading one that has gone empties its stats

  void note_reported() { (last = past) += EventCounters::of(stats); }
  /// Version 2 does not tell a cgroup's own faults from those below it; where there is none below, they are the same.
  void tell_own_faults() noexcept {
    if (!leaf) return;
    stats.own_faults = stats.faults;
    stats.own_major_faults = stats.major_faults;
  }
};

class CgroupWalk {
 public:
  using Cgroups = std::map<std::string, Cgroup, std::less<>>;

  CgroupWalk(Filter filter, std::size_t max_cgroups, std::size_t max_depth)
      : filter_(std::move(filter)), max_cgroups_(max_cgroups), max_depth_(max_depth) {}

  /// Brings cgroups() up to date; those that are not there any more are noted in `gone`. Fails when not even the root
  /// can be listed.
  Result<void> round(const FileSource& files, const Hierarchy& tree, GoneCgroups& gone);
  /// By id, so that each comes after those it is in.
  Cgroups& cgroups() noexcept { return cgroups_; }
  bool contains(std::string_view id) const { return cgroups_.contains(id); }
  bool keeps(std::string_view id) const { return filter_.keeps(id); }
  /// Whether some came or went in the last round, or were made anew.
  bool changed() const noexcept { return changed_; }
  /// How many are to be read.
  std::size_t wanted() const noexcept { return wanted_; }
  /// Those that are beyond the bounds.
  std::size_t left_out() const noexcept { return left_out_; }
  /// The one that `id` is in; null for the root.
  Cgroup* parent_of(std::string_view id);

 private:
  Result<void> visit(const FileSource& files, Cgroup& cgroup, std::size_t depth);
  Cgroup* meet(std::string_view id, std::uint64_t inode);

  Filter filter_;
  std::size_t max_cgroups_, max_depth_;
  std::uint64_t round_ = 0;
  bool changed_ = false;
  GoneCgroups* gone_ = nullptr;  // of the round
  Cgroups cgroups_;
  std::size_t met_ = 0, left_out_ = 0, wanted_ = 0;
  std::string id_, path_;
  std::deque<Names> names_;  // by depth
};

}  // namespace vitalsd
