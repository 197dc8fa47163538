#include "collectors/cgroup/gone_cgroups.h"

#include <algorithm>
#include <utility>

namespace vitalsd {

void GoneCgroups::begin(std::chrono::steady_clock::time_point now) {
  now_ = now;
  std::erase_if(entries_, [&](const auto& each) { return each.second.old && now - each.second.since >= linger_; });
}

GoneCgroups::Entry& GoneCgroups::meet(std::string_view id) {
  const auto found = entries_.find(id);
  if (found != entries_.end()) return found->second;
  const auto added = entries_.emplace(id, Entry{}).first;
  added->second.identity = identify(added->first);
  return added->second;
}

void GoneCgroups::note(std::string_view id, std::uint64_t inode, const EventCounters& counters,
                       const EventCounters& past, std::shared_ptr<const ContainerNames> names) {
  Entry& entry = meet(id);
  if (names) entry.names = std::move(names);
  entry.counters = counters;
  entry.past = past;
  entry.inode = inode;
  entry.since = now_;
  entry.old = false;
}

void GoneCgroups::add_oom_kills(std::string_view id, double kills) {
  Entry& entry = meet(id);
  entry.counters.add_oom_kills(kills);
  entry.since = now_;
  entry.old = false;
}

EventCounters GoneCgroups::take(std::string_view id, std::uint64_t inode) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return {};
  const Entry& entry = found->second;
  const bool known = inode != 0 && entry.inode.value_or(0) != 0;
  const bool same = entry.inode && (!known || inode == *entry.inode);
  const EventCounters counters = same ? entry.past : entry.counters;
  entries_.erase(found);
  return counters;
}

// The kernel may report a kill in one that went in the round before: one without any events stays for one round.
void GoneCgroups::settle() {
  std::erase_if(entries_, [](const auto& each) { return each.second.old && !each.second.counters.any_event(); });
  for (auto& [id, entry] : entries_) entry.old = true;
  while (entries_.size() > kMost) {
    entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& each) { return each.second.since; }));
  }
}

}  // namespace vitalsd
