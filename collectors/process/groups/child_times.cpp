#include "collectors/process/groups/child_times.h"

#include <algorithm>

namespace vitalsd {
namespace {

constexpr int kGenerations = 64;  // longest chain of ended processes between a process and the one that waited for it
constexpr int kRounds = 3;
constexpr std::int32_t kInit = 1;

}  // namespace

void ChildTimes::begin() {
  growths_.clear();
  std::erase_if(gone_, [](Gone& each) { return each.seen == 0 || ++each.rounds == kRounds; });
}

ChildTimes::Growth* ChildTimes::growth_of(std::int32_t pid) {
  const auto found = std::ranges::lower_bound(growths_, pid, {}, &Growth::pid);
  return found != growths_.end() && found->pid == pid ? &*found : nullptr;
}

const ChildTimes::Gone* ChildTimes::find_gone(std::int32_t pid) const {
  const auto found = std::ranges::lower_bound(gone_, pid, {}, &Gone::pid);
  return found != gone_.end() && found->pid == pid ? &*found : nullptr;
}

std::span<const ChildTimes::Growth> ChildTimes::settle() {
  std::ranges::sort(growths_, {}, &Growth::pid);
  std::ranges::sort(gone_, {}, &Gone::pid);
  for (Gone& each : gone_) {
    // Follows parents that have gone, too, up to the first living one. Init waits for an orphan.
    std::int32_t reaper = each.parent;
    for (int i = 0; i < kGenerations; ++i) {
      const Gone* next = find_gone(reaper);
      if (next == nullptr) break;
      reaper = next->parent;
    }
    Growth* growth = growth_of(reaper);
    if (growth == nullptr) growth = growth_of(kInit);
    if (growth == nullptr) continue;
    const std::uint64_t both = std::min(growth->nanoseconds, each.seen);
    growth->nanoseconds -= both;
    each.seen -= both;
  }
  return growths_;
}

}  // namespace vitalsd
