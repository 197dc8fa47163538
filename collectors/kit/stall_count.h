// Counts the stalls that a pressure trigger reported. The kernel does not report which of several triggers fired (see
// psi_triggers.h), so each is judged by the growth of its total.
#pragma once

#include <poll.h>

#include <chrono>
#include <cmath>

#include "collectors/kit/psi_triggers.h"
#include "core/family.h"
#include "core/fd.h"

namespace vitalsd {

class StallCount {
 public:
  /// Keeps the trigger armed for the lifetime of this object.
  void arm(Fd trigger) { trigger_ = std::move(trigger); }
  bool armed() const noexcept { return static_cast<bool>(trigger_); }
  /// Whether the watched file is gone, which would leave the trigger readable for ever.
  bool dead() const noexcept {
    pollfd polled{.fd = trigger_.get(), .events = POLLPRI, .revents = 0};
    return trigger_ && ::poll(&polled, 1, 0) == 1 && (polled.revents & POLLERR) != 0;
  }
  /// The number of stalls so far.
  double stalls() const noexcept { return stalls_; }

  /// Returns whether this trigger fired. `total` is the file's present total in seconds; `fired` is whether any trigger
  /// has fired since the previous round.
  bool observe(std::chrono::steady_clock::time_point now, double total, bool fired) {
    if (!trigger_ || std::isnan(total)) return false;
    const bool stalled = fired && total - base_ >= kThresholdSeconds;
    if (stalled) ++stalls_;
    if (!stalled && !std::isnan(base_) && now - since_ < PsiTriggers::kWindow) return false;
    base_ = total;
    since_ = now;
    return stalled;
  }

 private:
  static constexpr double kThresholdSeconds = std::chrono::duration<double>(PsiTriggers::kThreshold).count();

  Fd trigger_;
  double stalls_ = 0;
  double base_ = kAbsent;  // the total from which a stall is measured; at least one window old
  std::chrono::steady_clock::time_point since_;
};

}  // namespace vitalsd
