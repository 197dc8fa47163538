// How fast something grows, over about a minute.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "core/family.h"

namespace vitalsd {

class Growth {
 public:
  /// Takes note of a value; of those within kStep only the first is kept.
  void note(std::chrono::steady_clock::time_point now, double value) {
    if (size_ != 0 && now - points_[(next_ + kPoints - 1) % kPoints].at < kStep) return;
    points_[next_] = {now, value};
    next_ = (next_ + 1) % kPoints;
    if (size_ < kPoints) ++size_;
  }
  /// Seconds until `limit` if `value` grows on as it did; kAbsent when it does not, or nothing is known yet.
  double until(std::chrono::steady_clock::time_point now, double value, double limit) const {
    if (size_ == 0) return kAbsent;
    const Point& oldest = points_[size_ < kPoints ? 0 : next_];
    const double seconds = std::chrono::duration<double>(now - oldest.at).count();
    const double grown = value - oldest.value;
    if (!(seconds >= kStep.count()) || !(grown > 0) || !(limit > value)) return limit <= value ? 0 : kAbsent;
    return (limit - value) * seconds / grown;
  }

 private:
  static constexpr std::chrono::seconds kStep{10};
  static constexpr std::size_t kPoints = 7;
  struct Point {
    std::chrono::steady_clock::time_point at;
    double value = 0;
  };
  std::array<Point, kPoints> points_{};
  std::size_t next_ = 0, size_ = 0;
};

}  // namespace vitalsd
