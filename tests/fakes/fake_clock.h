// A clock that stands still until the test advances it.
#pragma once

#include "core/clock.h"

namespace vitalsd {

class FakeClock final : public Clock {
 public:
  void advance(std::chrono::nanoseconds by) { elapsed_ += by; }
  std::chrono::system_clock::time_point now() const noexcept override {
    return std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000)) +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(elapsed_);
  }
  std::chrono::steady_clock::time_point steady() const noexcept override {
    return std::chrono::steady_clock::time_point(std::chrono::hours(1)) + elapsed_;
  }

 private:
  std::chrono::nanoseconds elapsed_{0};
};

}  // namespace vitalsd
