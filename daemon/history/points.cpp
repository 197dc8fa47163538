#include "daemon/history/points.h"

namespace vitalsd {

Points::Points(const Arena& arena, std::uint32_t times, std::uint32_t values, Time began, Time from, Time to)
    : times_(arena, times), values_(arena, values), began_(began), from_(from), to_(to) {
  while (next_time() && at_ < from_) continue;
  if (has_time_) values_.skip_to(times_.round());
}

bool Points::next_time() {
  has_time_ = times_.next();
  if (has_time_) at_ = began_ + std::chrono::milliseconds(static_cast<HistoryTime>(times_.value()));
  return has_time_;
}

bool Points::next() {
  while (has_time_ && values_.next()) {
    while (has_time_ && times_.round() < values_.round()) next_time();
    if (!has_time_ || at_ > to_) return false;
    if (times_.round() == values_.round()) return true;
  }
  return false;
}

}  // namespace vitalsd
