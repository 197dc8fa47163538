// Keeps the daemon's own CPU use within what it was given: the dearest collectors run less often until it is.
//   Budget budget(0.02);                        // of one core
//   budget.review(10s, used_by_all, costs);     // costs[i].slowdown is what is to be
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace vitalsd {

/// What one collector used since the review before, and how many times less often than configured it runs.
struct CollectorCost {
  std::string_view name;
  std::chrono::nanoseconds cpu{};
  std::chrono::nanoseconds interval{};  ///< as configured
  std::uint32_t slowdown = 1;           ///< a power of two; review() changes it
};

/// No clock, no input or output: its arguments are all it knows.
class Budget {
 public:
  /// `cores` is the share of one core that all of the daemon may use in the long run, more than 0.
  explicit Budget(double cores) : cores_(cores) {}

  /// `elapsed` since the review before, in which the whole process used `used`. The first one only begins the count:
  /// what the start costs is nobody's habit.
  void review(std::chrono::nanoseconds elapsed, std::chrono::nanoseconds used, std::span<CollectorCost> costs);

  double cores() const noexcept { return cores_; }
  /// What the process uses, smoothed over a minute, in cores; 0 before there are two reviews.
  double used() const noexcept { return used_; }

 private:
  double smooth(double before, double rate, double elapsed) const;
  double& rate_of(const CollectorCost& cost) { return rates_.find(cost.name)->second; }
  CollectorCost* dearest(std::span<CollectorCost> costs);
  CollectorCost* cheapest_slowed(std::span<CollectorCost> costs);

  double cores_;
  double used_ = 0;
  std::map<std::string, double, std::less<>> rates_;  ///< in cores, smoothed
  unsigned reviews_ = 0;
};

}  // namespace vitalsd
