#include "collectors/cgroup/cgroup_kills.h"

#include <cmath>
#include <ranges>
#include <string>
#include <utility>

namespace vitalsd {
namespace {

void happened(CollectContext& context, std::string_view id, std::uint64_t kills) {
  context.happened({EventKind::oom_kill, id,
                    std::to_string(kills) + (kills == 1 ? " process" : " processes") + " killed: out of memory"});
}

// One that has gone cannot be read any more; perhaps another has its name already, and its counters with it.
void count_for(CgroupWalk& walk, GoneCgroups& gone, std::string_view id, double kills) {
  if (const auto found = walk.cgroups().find(id); found != walk.cgroups().end()) {
    found->second.past.add_oom_kills(kills);
  } else if (walk.keeps(id)) {
    gone.add_oom_kills(id, kills);
  }
}

}  // namespace

void CgroupKills::report(CollectContext& context, CgroupWalk& walk, MemoryEvents& events, bool unified,
                         std::chrono::steady_clock::time_point begun, GoneCgroups& gone) {
  for (auto& [id, cgroup] : std::views::reverse(walk.cgroups())) {
    const double kills = cgroup.stats.oom_kills;
    // One that was not there in the round before has had all its kills since.
    const double before = std::isnan(cgroup.last_oom_kills) && !first_round_ ? 0 : cgroup.last_oom_kills;
    const double below = std::exchange(cgroup.oom_kills_below, 0);
    if (!std::isnan(kills)) cgroup.last_oom_kills = kills;
    const double more = kills - before;
    // It was read before those below it: what they have had since it will have in the next round.
    if (unified && below > more) cgroup.oom_kills_below = below - std::fmax(more, 0);
    if (!(more > 0)) continue;
    if (Cgroup* parent = walk.parent_of(id)) parent->oom_kills_below += more;
    if (more - below < 1) continue;
    const auto own = static_cast<std::uint64_t>(more - below);
    // Service managers and runtimes remove at once what was killed.
    const std::string_view suspect = events.gone_below(id, begun);
    happened(context, suspect.empty() ? std::string_view(id) : suspect, own);
    if (!suspect.empty()) count_for(walk, gone, suspect, more - below);
  }
  first_round_ = false;
}

void CgroupKills::report(CollectContext& context, Neighbours& neighbours, MemoryEvents& events, GoneCgroups& gone) {
  for (auto& [id, neighbour] : neighbours.all()) {
    const double kills = neighbour.cgroup.stats.oom_kills;
    const double more = kills - std::exchange(neighbour.cgroup.last_oom_kills, kills);
    if (more >= 1) happened(context, id, static_cast<std::uint64_t>(more));
    if (neighbour.reader->tree().unified()) events.watch_neighbour(neighbour.directory.get(), id, kills);
  }
  for (const auto& [id, kills] : events.gone_neighbours()) {
    happened(context, id, kills);
    gone.add_oom_kills(id, static_cast<double>(kills));
  }
}

}  // namespace vitalsd
