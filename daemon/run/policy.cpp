#include "daemon/run/policy.h"

#include <algorithm>

namespace vitalsd::policy {

nanoseconds phase_of(std::string_view name, nanoseconds interval) {
  std::uint64_t hash =
      0xCBF29CE484222325ULL;  // FNV-1a, then mixed: names that differ in one letter must not be neighbours
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  hash ^= hash >> 33U;
  hash *= 0xFF51AFD7ED558CCDULL;
  hash ^= hash >> 33U;
  return nanoseconds{static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(interval.count()))};
}

Tick next_tick(Time due, Time now, nanoseconds interval, nanoseconds phase) {
  const auto index_of = [&](Time time) {
    return (time.time_since_epoch() - phase) / interval;
  };  // rounds down: times are positive
  const auto passed = index_of(now);
  const auto missed = std::max<std::int64_t>(passed - index_of(due), 0);
  return {Time(phase + (passed + 1) * interval), static_cast<std::uint64_t>(missed)};
}

bool is_stale(std::optional<Time> collected, Time now, nanoseconds fresh) {
  return !collected || *collected < now - fresh;
}

bool is_expired(Time collected, Time now, nanoseconds interval, nanoseconds timeout) {
  return now - collected > 2 * interval + timeout;
}

nanoseconds scrape_budget(std::optional<nanoseconds> scrape_timeout) {
  using namespace std::chrono_literals;
  if (!scrape_timeout) return 10s;
  const nanoseconds margin = std::min<nanoseconds>(500ms, *scrape_timeout / 2);
  return *scrape_timeout - margin;
}

}  // namespace vitalsd::policy
