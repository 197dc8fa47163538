#include "collectors/cpu/steady_ticks.h"

#include <algorithm>

namespace vitalsd {

std::span<const CpuTicks> SteadyTicks::update(std::span<const CpuTicks> now, std::uint64_t reset) {
  next_.assign(now.begin(), now.end());
  for (std::size_t place = 0; place < next_.size(); ++place) {
    CpuTicks& ticks = next_[place];
    const CpuTicks* last = last_of(place, ticks.cpu);
    if (last == nullptr) continue;
    const std::uint64_t idle = ticks.ticks[CpuTicks::idle];
    const std::uint64_t before = last->ticks[CpuTicks::idle];
    if (before > idle && before - idle >= reset) continue;
    std::ranges::transform(ticks.ticks, last->ticks, ticks.ticks.begin(),
                           [](std::uint64_t a, std::uint64_t b) { return std::max(a, b); });
  }
  last_.swap(next_);
  return last_;
}

// The list rarely changes, so that a CPU is nearly always where it was.
const CpuTicks* SteadyTicks::last_of(std::size_t place, std::uint32_t cpu) const {
  if (place < last_.size() && last_[place].cpu == cpu) return &last_[place];
  const auto found = std::ranges::find(last_, cpu, &CpuTicks::cpu);
  return found == last_.end() ? nullptr : &*found;
}

}  // namespace vitalsd
