#include "daemon/run/budget.h"

#include <algorithm>
#include <cmath>

#include "core/clock.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

constexpr double kMemory = 60;                // seconds, after which what was used counts for a third
constexpr double kComfort = 0.7;              // of the budget: a collector gets its pace back only below this
constexpr double kWorthwhile = 0.01;          // of the budget: slowing what costs less helps nobody
constexpr std::uint32_t kSlowest = 1024;      // times less often than configured,
constexpr std::chrono::seconds kRarest{300};  // but at least this often, unless configured otherwise

bool can_be_slower(const CollectorCost& cost) {
  return cost.slowdown < kSlowest && cost.interval * (cost.slowdown * 2) <= kRarest;
}

}  // namespace

double Budget::smooth(double before, double rate, double elapsed) const {
  if (reviews_ == 1) return rate;
  return before + (1 - std::exp(-elapsed / kMemory)) * (rate - before);
}

CollectorCost* Budget::dearest(std::span<CollectorCost> costs) {
  CollectorCost* found = nullptr;
  for (CollectorCost& cost : costs) {
    if (!can_be_slower(cost) || rate_of(cost) < kWorthwhile * cores_) continue;
    if (found == nullptr || rate_of(cost) > rate_of(*found)) found = &cost;
  }
  return found;
}

CollectorCost* Budget::cheapest_slowed(std::span<CollectorCost> costs) {
  CollectorCost* found = nullptr;
  for (CollectorCost& cost : costs) {
    if (cost.slowdown > 1 && (found == nullptr || rate_of(cost) < rate_of(*found))) found = &cost;
  }
  return found;
}

void Budget::review(std::chrono::nanoseconds elapsed, std::chrono::nanoseconds used, std::span<CollectorCost> costs) {
  const double span = seconds(elapsed);
  std::erase_if(rates_, [&](const auto& rate) {
    return std::ranges::find(costs, rate.first, &CollectorCost::name) == costs.end();
  });
  for (const CollectorCost& cost : costs) {
    double& rate = rates_.try_emplace(std::string(cost.name)).first->second;
    rate = reviews_ == 0 ? 0 : smooth(rate, seconds(cost.cpu) / span, span);
  }
  used_ = reviews_ == 0 ? 0 : smooth(used_, seconds(used) / span, span);
  if (reviews_++ == 0) return;

  // Half as many runs cost half as much: the effect is taken as given, and the next reviews correct it.
  while (used_ > cores_) {
    CollectorCost* cost = dearest(costs);
    if (cost == nullptr) return;
    cost->slowdown *= 2;
    rate_of(*cost) /= 2;
    used_ -= rate_of(*cost);
  }
  // One step back at a time, and only where there is room for what it will cost.
  CollectorCost* cost = cheapest_slowed(costs);
  if (cost == nullptr || used_ + rate_of(*cost) > kComfort * cores_) return;
  cost->slowdown /= 2;
  used_ += rate_of(*cost);
  rate_of(*cost) *= 2;
}

}  // namespace vitalsd
