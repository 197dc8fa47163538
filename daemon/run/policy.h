// When collectors run: pure functions of times, so that the scheduler holds none of the arithmetic.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vitalsd::policy {

using std::chrono::nanoseconds;
using Time = std::chrono::steady_clock::time_point;

/// Where in its interval a collector's ticks lie: the same for a name on every start, spread evenly over names.
nanoseconds phase_of(std::string_view name, nanoseconds interval);

struct Tick {
  Time next;             ///< the first tick after `now`
  std::uint64_t missed;  ///< ticks that passed since `due` without a run, `due` itself not counted
};
/// The tick that follows `now` on the grid `phase + k * interval`, when the last one was due at `due`.
Tick next_tick(Time due, Time now, nanoseconds interval, nanoseconds phase);

/// Whether a scrape that came at `now` has to run the collector first.
bool is_stale(std::optional<Time> collected, Time now, nanoseconds fresh);

/// Whether data is too old to be shown at all, because its collector hangs: two intervals and a timeout.
bool is_expired(Time collected, Time now, nanoseconds interval, nanoseconds timeout);

/// How long a scrape may wait for fresh data: what Prometheus allows less a margin to send the answer,
/// or 10 s when it does not say.
nanoseconds scrape_budget(std::optional<nanoseconds> scrape_timeout);

}  // namespace vitalsd::policy
