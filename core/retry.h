// When to ask the system again for what it refused: a descriptor, a queue, memory of the kernel.
//   if (!socket_ && retry_.due(now)) { retry_.asked(now); socket_ = open(); } if (socket_) retry_.granted();
#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace vitalsd {

/// After a second at the soonest, then after twice as long each time, at most a minute.
class Retry {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kFirst{1}, kLongest{60};

  bool due(Time now) const noexcept { return now >= at_; }
  /// It is asked for now; should it be refused, this says when next.
  void asked(Time now) noexcept {
    at_ = now + pause_;
    pause_ = std::min(pause_ * 2, kLongest);
  }
  void granted() noexcept { *this = {}; }

 private:
  Time at_{};
  std::chrono::seconds pause_ = kFirst;
};

/// The errno says that something has run out, of which there may be some again.
constexpr bool is_exhausted(int sys) noexcept {
  return sys == EMFILE || sys == ENFILE || sys == ENOMEM || sys == ENOBUFS || sys == ENOSPC;
}

}  // namespace vitalsd
