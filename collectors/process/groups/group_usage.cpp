#include "collectors/process/groups/group_usage.h"

#include <algorithm>

namespace vitalsd {
namespace {

std::int64_t minute_of(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
}

}  // namespace

void MinuteMaximum::observe(std::chrono::system_clock::time_point now, double value) {
  const std::int64_t minute = minute_of(now);
  if (any_ && minute == minute_) {
    highest_ = std::max(highest_, value);
    return;
  }
  before_ = any_ && minute == minute_ + 1 ? std::optional(highest_) : std::nullopt;
  minute_ = minute;
  highest_ = value;
  any_ = true;
}

std::optional<double> MinuteMaximum::last(std::chrono::system_clock::time_point now) const {
  const std::int64_t minute = minute_of(now);
  if (!any_) return std::nullopt;
  if (minute == minute_) return before_;
  return minute == minute_ + 1 ? std::optional(highest_) : std::nullopt;
}

}  // namespace vitalsd
