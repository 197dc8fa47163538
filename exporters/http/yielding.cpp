// Which connections may be closed for a new one, and in which order (see Yields).
#include <algorithm>

#include "exporters/http/connection.h"

namespace vitalsd::http {

Yields Connection::yields(SteadyTime now) const noexcept {
  const auto waited = now - waiting_since_;
  switch (state_) {
    case State::lingering: return Yields::answered;
    case State::sending: return waited >= hub_->limits().pressed ? Yields::stalled : Yields::never;
    case State::idle:
      if (!first_) return Yields::idle;
      [[fallthrough]];
    case State::receiving: return waited >= hub_->limits().fresh ? Yields::stalled : Yields::fresh;
    default: return Yields::never;
  }
}

bool Connection::may_yield(SteadyTime now) const {
  const bool waits = state_ == State::idle || state_ == State::receiving;
  return !waits || now - waiting_since_ >= hub_->limits().header || !wire_.has_input();
}

void Connection::hurry() {
  if (state_ != State::receiving && (state_ != State::idle || !first_)) return;
  deadline_ = std::min(deadline_, waiting_since_ + hub_->limits().pressed);
  hub_->watch(deadline_);
}

}  // namespace vitalsd::http
