// Applies budget.cpu to the running collectors: measures, has Budget decide, logs what changed and counts it.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "daemon/run/budget.h"
#include "daemon/run/job.h"
#include "daemon/service/log.h"

namespace vitalsd {

/// Lives on the loop.
class BudgetKeeper {
 public:
  /// The time between two reviews.
  static constexpr std::chrono::seconds kEvery{10};

  BudgetKeeper(const Clock& clock, Log& log) : clock_(clock), log_(log) {}

  /// `cores` of budget.cpu; 0 lets every collector have its own pace again, with the next review.
  void configure(double cores);
  void review(const Jobs& jobs);

 private:
  void log_pace(const Job& job, std::uint32_t before) const;

  const Clock& clock_;
  Log& log_;
  std::optional<Budget> budget_;
  SteadyTime reviewed_{};
  std::chrono::nanoseconds used_{};                     ///< of the process, at the review before
  std::map<const Job*, std::chrono::nanoseconds> cpu_;  ///< of each, at the review before
  std::vector<CollectorCost> costs_;
};

}  // namespace vitalsd
