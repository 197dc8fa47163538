// The part of GroupTracker that samples the use of groups over time.
#include <algorithm>

#include "collectors/process/groups/group_tracker.h"

namespace vitalsd {
namespace {

constexpr double kNanoseconds = 1e9;  // in a second
constexpr double kSmoothing = 10;     // seconds, after which an earlier use still counts for a third

std::uint64_t used_by(const Group& group) { return group.total.cpu() + group.exited; }

}  // namespace

// A scrape may run the collector shortly after a tick; over so short a time, CPU ticks of 10 ms say little.
void GroupTracker::sample_usage(std::chrono::steady_clock::time_point now) {
  if (sampled_ && now - *sampled_ < options_.sample_interval / 2) return;
  const std::optional<std::chrono::nanoseconds> span = sampled_ ? std::optional(now - *sampled_) : std::nullopt;
  for (auto& [name, group] : groups_) {
    const std::uint64_t used = used_by(group);
    const std::uint64_t grown = used - std::min(used, std::exchange(group.usage.cpu, used));
    if (!span || group.hidden || (group.processes == 0 && grown == 0)) continue;
    const double cores = static_cast<double>(grown) / static_cast<double>(span->count());
    const auto bytes = static_cast<double>(group.resident_bytes);
    if (options_.histograms) {
      group.usage.cores.observe(cores);
      group.usage.bytes.observe(bytes);
    }
    group.usage.most_cores.observe(now_, cores);
    group.usage.most_bytes.observe(now_, bytes);
  }
  if (span) sampled_after_ = span;
  if (options_.top != 0) choose_largest(span ? static_cast<double>(span->count()) / kNanoseconds : 0);
  sampled_ = now;
}

// A published group stays until it is clearly not among the largest, because series that come and go are of little use.
void GroupTracker::choose_largest(double seconds) {
  by_size_.clear();
  const double fresh = seconds / (seconds + kSmoothing);
  for (auto& [name, group] : groups_) {
    const auto cpu = static_cast<double>(std::exchange(group.all_cpu, 0)) / kNanoseconds;
    const double size = options_.top_by_memory ? static_cast<double>(group.all_bytes) : seconds > 0 ? cpu / seconds : 0;
    group.size += fresh * (size - group.size);
    if (!group.named && name != kOther) by_size_.push_back(&group);
  }
  std::ranges::stable_sort(by_size_, std::ranges::greater(), &Group::size);
  const std::size_t stays = options_.top + std::max<std::size_t>(options_.top / 4, 1);
  for (std::size_t i = 0; i < by_size_.size(); ++i) {
    Group& group = *by_size_[i];
    group.hidden = i >= (group.hidden ? options_.top : stays);
  }
}

}  // namespace vitalsd
