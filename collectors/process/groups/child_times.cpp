#include "collectors/process/groups/child_times.h"

#include <algorithm>

namespace vitalsd {
namespace {

constexpr int kGenerations = 64;  // dead ones in a row between a process and who waited for them
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
    // Through parents that are gone as well to the first that lives; an orphan is waited for by init.
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
