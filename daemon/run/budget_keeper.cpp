#include "daemon/run/budget_keeper.h"

#include <algorithm>
#include <cstdio>

#include "core/cpu_time.h"
#include "core/quantity.h"

namespace vitalsd {
namespace {

std::string millicores(double cores) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3gm", cores * 1000);
  return text.data();
}

}  // namespace

void BudgetKeeper::configure(double cores) {
  if (cores == (budget_ ? budget_->cores() : 0)) return;
  budget_.reset();
  if (cores > 0) budget_.emplace(cores);
}

void BudgetKeeper::review(const Jobs& jobs) {
  const SteadyTime now = clock_.steady();
  const auto used = process_cpu();
  std::erase_if(cpu_, [&](const auto& entry) {
    return std::ranges::none_of(jobs, [&](const auto& job) { return job.second.get() == entry.first; });
  });
  costs_.clear();
  for (const auto& [name, job] : jobs) {
    if (!budget_) {
      job->slowdown = 0;
      continue;
    }
    job->slowdown = std::max(job->slowdown, 1U);
    auto& before = cpu_[job.get()];
    costs_.push_back({name, job->facts.cpu - before, job->config().interval, job->slowdown});
    before = job->facts.cpu;
  }
  const auto elapsed = now - std::exchange(reviewed_, now);
  const auto more = used - std::exchange(used_, used);
  if (!budget_) return;
  budget_->review(elapsed, more, costs_);
  for (const CollectorCost& cost : costs_) {
    Job& job = *jobs.find(cost.name)->second;
    const std::uint32_t before = std::exchange(job.slowdown, cost.slowdown);
    if (before != cost.slowdown) log_pace(job, before);
  }
}

void BudgetKeeper::log_pace(const Job& job, std::uint32_t before) const {
  const bool slower = job.slowdown > before;
  log_.info(slower ? "collector slowed down to keep within budget.cpu" : "collector gets its pace back",
            {{"collector", job.name()},
             {"interval", format_duration(job.pace())},
             {"used", millicores(budget_->used())},
             {"budget", millicores(budget_->cores())}});
}

}  // namespace vitalsd
