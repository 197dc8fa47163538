#include "daemon/run/policy.h"

#include <gtest/gtest.h>

#include <set>

#include "core/collector.h"

namespace vitalsd::policy {
namespace {

using namespace std::chrono_literals;
constexpr Time kStart{std::chrono::hours(100)};

TEST(Policy, PhasesAreStableWithinTheIntervalAndDifferent) {
  std::set<std::int64_t> seen;
  for (const auto* name : {"cpu", "stat", "meminfo", "vmstat", "netdev", "loadavg", "uptime"}) {
    const auto phase = phase_of(name, 5s);
    EXPECT_EQ(phase, phase_of(name, 5s));
    EXPECT_GE(phase, 0ns);
    EXPECT_LT(phase, 5s);
    seen.insert(phase / 100ms);
  }
  EXPECT_GE(seen.size(), 6U) << "collectors must not fire together";
}

TEST(Policy, TheNextTickLiesOnTheGridAndMissedOnesAreCounted) {
  const auto phase = 3s;
  const Time tick = next_tick(kStart, kStart, 10s, phase).next;
  EXPECT_EQ((tick.time_since_epoch() - phase) % 10s, 0s);
  EXPECT_GT(tick, kStart);
  EXPECT_LE(tick, kStart + 10s);

  EXPECT_EQ(next_tick(tick, tick, 10s, phase).missed, 0U);
  EXPECT_EQ(next_tick(tick, tick, 10s, phase).next, tick + 10s);
  EXPECT_EQ(next_tick(tick, tick + 9s, 10s, phase).missed, 0U);
  EXPECT_EQ(next_tick(tick, tick + 10s, 10s, phase).missed, 1U);
  EXPECT_EQ(next_tick(tick, tick + 35s, 10s, phase).missed, 3U);
  EXPECT_EQ(next_tick(tick, tick + 35s, 10s, phase).next, tick + 40s);
}

TEST(Policy, StaleAndExpired) {
  EXPECT_TRUE(is_stale(std::nullopt, kStart, 1h));
  EXPECT_FALSE(is_stale(kStart - 1s, kStart, 1s));
  EXPECT_TRUE(is_stale(kStart - 1s - 1ns, kStart, 1s));
  EXPECT_TRUE(is_stale(kStart - 1ns, kStart, 0s));
  EXPECT_FALSE(is_stale(kStart + 1ns, kStart, 0s)) << "data of after the request is fresh for everybody who waited";
  EXPECT_FALSE(is_expired(kStart, kStart + 12s, 5s, 2s));
  EXPECT_TRUE(is_expired(kStart, kStart + 12s + 1ns, 5s, 2s));
}

TEST(Policy, TheBudgetLeavesTimeToAnswer) {
  EXPECT_EQ(scrape_budget(std::nullopt), 10s);
  EXPECT_EQ(scrape_budget(10s), 9500ms);
  EXPECT_EQ(scrape_budget(400ms), 200ms);
}

}  // namespace
}  // namespace vitalsd::policy
