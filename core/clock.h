// The clock, injected so that tests can advance it by hand.
#pragma once

#include <chrono>

namespace vitalsd {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::system_clock::time_point now() const noexcept { return std::chrono::system_clock::now(); }
  virtual std::chrono::steady_clock::time_point steady() const noexcept { return std::chrono::steady_clock::now(); }
};

/// Seconds since the epoch, the unit of timestamps in an exposition.
inline double unix_seconds(std::chrono::system_clock::time_point time) noexcept {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}
inline double seconds(std::chrono::nanoseconds span) noexcept { return std::chrono::duration<double>(span).count(); }

}  // namespace vitalsd
