// The part of GroupTracker that handles ends: of processes, and then of groups and thread names.
#include <algorithm>

#include "collectors/process/groups/group_tracker.h"
#include "collectors/process/sources/exit_status.h"

namespace vitalsd {
namespace {

constexpr std::size_t kThreadNames = 1000;  // kept for one group
constexpr std::size_t kMostReasons = 16;    // of one group, then "other": a program may end by any of 256 codes

std::uint64_t& count_of(Group& group, std::string_view reason) {
  auto count = group.exits.find(reason);
  if (count != group.exits.end()) return count->second;
  if (group.exits.size() >= kMostReasons) reason = "other";
  return group.exits.try_emplace(std::string(reason), 0).first->second;
}

}  // namespace

void GroupTracker::count_exits(std::span<const ProcessExit> exits) {
  for (const ProcessExit& exit : exits) {
    std::optional<Group*> known = last_known(exit.pid);
    if (!known && options_.children) known = last_known(exit.parent);
    if (!known || *known == nullptr) continue;
    Group& group = counted_in(**known);
    ++count_of(group, exit_reason(exit.status, reason_));
  }
}

// Null for a process that is in no group.
std::optional<Group*> GroupTracker::last_known(std::int32_t pid) const {
  if (const auto living = processes_.find(pid); living != processes_.end()) return living->second.group;
  const auto gone = std::ranges::lower_bound(gone_, pid, {}, &Gone::pid);
  return gone != gone_.end() && gone->pid == pid ? std::optional(gone->group) : std::nullopt;
}

// The sum of the parent is going to grow by what the process used.
void GroupTracker::note_gone(const Process& process) {
  child_times_.gone(process.id.pid, process.parent, process.last.cpu() + process.children);
}

void GroupTracker::bury() {
  gone_.clear();
  const auto living = met_.size() - static_cast<std::size_t>(std::ranges::count(met_, nullptr));
  if (living == processes_.size()) return;
  std::erase_if(processes_, [this](const auto& entry) {
    const Process& process = entry.second;
    if (process.seen == round_) return false;
    note_gone(process);
    gone_.push_back({process.id.pid, process.group});
    return true;
  });
  std::ranges::sort(gone_, {}, &Gone::pid);
}

void GroupTracker::settle_children() {
  for (const auto& [pid, nanoseconds] : child_times_.settle()) {
    const auto parent = processes_.find(pid);
    if (parent == processes_.end()) continue;
    Group* group = parent->second.group;
    (group != nullptr ? counted_in(*group).exited : other_cpu_) += nanoseconds;
    if (group != nullptr) group->all_cpu += nanoseconds;
  }
}

void GroupTracker::end_round() {
  for (auto& [name, group] : groups_) {
    if (group.by_thread.size() > kThreadNames) {
      std::erase_if(group.by_thread, [](const auto& entry) { return entry.second.threads == 0; });
    }
  }
  options_.remove_empty ? remove_empty_groups() : retire_groups();
}

void GroupTracker::remove_empty_groups() {
  std::map<const Group*, bool> used;
  for (const auto& [pid, process] : processes_) used[process.group] = true;
  std::erase_if(groups_, [&used](const auto& entry) {
    return !used.contains(&entry.second) && !entry.second.named && entry.first != kOther;
  });
  std::erase_if(gone_, [&used](const Gone& each) { return !used.contains(each.group); });
}

void GroupTracker::note_met(Group& group) {
  if (!group.met) group.first_met = steady_now_;
  group.met = true;
  group.last_met = steady_now_;
  // Rounds that scrapes request between two samples do not make a group last.
  group.lasted = group.lasted || steady_now_ - group.first_met >= options_.sample_interval / 2;
}

bool GroupTracker::has_served(const Group& group) const {
  if (group.fixed || group.named || group.name == kOther || (group.met && group.last_met == steady_now_)) return false;
  if (!group.met || (forget_fleeting_ && !group.lasted)) return true;
  return options_.empty_for.count() != 0 && steady_now_ - group.last_met >= options_.empty_for;
}

void GroupTracker::retire_groups() {
  retiring_.clear();
  for (auto& [name, group] : groups_) {
    if (group.last_met == std::chrono::steady_clock::time_point{})
      group.last_met = steady_now_;  // restored from an earlier daemon
    if (has_served(group)) retiring_.push_back(&group);
  }
  if (retiring_.empty()) return;
  Group& other = group_of(kOther);
  for (const Group* group : retiring_) retire(*group, other);
}

// The kernel reports some exits a round later; they then count where the totals went.
void GroupTracker::retire(const Group& group, Group& into) {
  const std::uint64_t cpu = group.total.cpu() + group.exited;
  into.exited += cpu;
  into.usage.cpu += cpu;  // used long ago, so it is not use of this moment
  ProcessCounts rest = group.total;
  rest.user = rest.system = 0;
  into.total += rest;
  into.counted |= group.counted;
  for (const auto& [reason, count] : group.exits) count_of(into, reason) += count;
  for (Gone& each : gone_) {
    if (each.group == &group) each.group = &into;
  }
  for (auto& [pid, process] : processes_) {
    if (process.group == &group) process.group = &into;
  }
  groups_.erase(groups_.find(group.name));
}

}  // namespace vitalsd
