#include "collectors/cpu/steady_ticks.h"

#include <algorithm>

namespace vitalsd {
namespace {

std::uint64_t fall(std::uint64_t now, std::uint64_t before) { return before > now ? before - now : 0; }

// Wraps around as the kernel's own sums do.
std::uint64_t not_busy(const CpuTicks& cpu) { return cpu.ticks[CpuTicks::idle] + cpu.ticks[CpuTicks::iowait]; }

}  // namespace

std::span<const CpuTicks> SteadyTicks::update(std::span<const CpuTicks> now, std::uint64_t most_back) {
  next_.clear();
  out_.assign(now.begin(), now.end());
  for (std::size_t place = 0; place < out_.size(); ++place) {
    CpuTicks& ticks = out_[place];
    std::uint64_t together = not_busy(ticks);
    if (const Published* last = last_of(place, ticks.cpu)) {
      // The kernel charges a CPU's sleep to iowait or to idle depending on who waits at the moment of the reading, so
      // it may move as a whole, however long it is (kernel/time/tick-sched.c get_cpu_sleep_time_us()). A fall of one of
      // them is real only if their sum fell, too.
      const bool moved = fall(together, last->not_busy) < most_back;
      bool anew = false;
      for (std::size_t mode = 0; mode < CpuTicks::kModes; ++mode) {
        const bool may_move = mode == CpuTicks::idle || mode == CpuTicks::iowait;
        anew |= fall(ticks.ticks[mode], last->ticks.ticks[mode]) >= most_back && !(may_move && moved);
      }
      if (!anew) {
        together = std::max(together, last->not_busy);
        std::ranges::transform(ticks.ticks, last->ticks.ticks, ticks.ticks.begin(),
                               [](std::uint64_t a, std::uint64_t b) { return std::max(a, b); });
      }
    }
    next_.push_back({ticks, together});
  }
  last_.swap(next_);
  return out_;
}

// The list rarely changes, so a CPU is nearly always in the same place.
const SteadyTicks::Published* SteadyTicks::last_of(std::size_t place, std::uint32_t cpu) const {
  if (place < last_.size() && last_[place].ticks.cpu == cpu) return &last_[place];
  const auto found = std::ranges::find(last_, cpu, [](const Published& published) { return published.ticks.cpu; });
  return found == last_.end() ? nullptr : &*found;
}

}  // namespace vitalsd
