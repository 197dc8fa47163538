#include "daemon/run/budget.h"

#include <gtest/gtest.h>

#include <vector>

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

// A daemon whose collectors cost this much a run, reviewed every 10 s.
struct Rig {
  struct Habit {
    std::string_view name;
    std::chrono::nanoseconds interval, each;
  };
  explicit Rig(double cores) : budget(cores) {}

  void review(std::size_t times = 1) {
    for (; times > 0; --times) {
      std::chrono::nanoseconds used = base;
      for (std::size_t i = 0; i < costs.size(); ++i) {
        costs[i].cpu = habits[i].each * (10s / (habits[i].interval * costs[i].slowdown));
        used += costs[i].cpu;
      }
      budget.review(10s, used, costs);
    }
  }
  void add(Habit habit) {
    habits.push_back(habit);
    costs.push_back({habit.name, {}, habit.interval, 1});
  }

  Budget budget;
  std::chrono::nanoseconds base{};  ///< of everything but collectors
  std::vector<Habit> habits;
  std::vector<CollectorCost> costs;
};

TEST(Budget, LeavesAloneWhatIsWithinIt) {
  Rig rig(0.01);
  rig.add({"cheap", 1s, 1ms});  // 0.001 of a core
  rig.review(100);
  EXPECT_EQ(rig.costs[0].slowdown, 1U);
  EXPECT_NEAR(rig.budget.used(), 0.001, 1e-6);
}

TEST(Budget, TheFirstReviewOnlyBeginsTheCount) {
  Rig rig(0.01);
  rig.add({"dear", 1s, 100ms});
  rig.review();
  EXPECT_EQ(rig.costs[0].slowdown, 1U);
  EXPECT_EQ(rig.budget.used(), 0);
  rig.review();
  EXPECT_GT(rig.costs[0].slowdown, 1U);
}

TEST(Budget, SlowsTheDearestFirstUntilItIsKept) {
  Rig rig(0.02);
  rig.add({"cheap", 1s, 2ms});   // 0.002
  rig.add({"dear", 1s, 100ms});  // 0.1
  rig.add({"middle", 1s, 8ms});  // 0.008
  rig.review(2);
  EXPECT_EQ(rig.costs[0].slowdown, 1U);
  EXPECT_EQ(rig.costs[2].slowdown, 1U);
  EXPECT_EQ(rig.costs[1].slowdown, 16U);  // 0.1 / 16 + 0.010 is the first that is within
  EXPECT_LE(rig.budget.used(), 0.02);
}

TEST(Budget, GivesThePaceBackOneStepAtATimeOnceThereIsRoom) {
  Rig rig(0.02);
  rig.add({"dear", 1s, 100ms});
  rig.review(2);
  ASSERT_EQ(rig.costs[0].slowdown, 8U);
  rig.habits[0].each = 1ms;
  std::uint32_t before = 8;
  for (int i = 0; i < 60; ++i) {
    rig.review();
    EXPECT_TRUE(rig.costs[0].slowdown == before || rig.costs[0].slowdown * 2 == before);
    before = rig.costs[0].slowdown;
  }
  EXPECT_EQ(before, 1U);
}

TEST(Budget, DoesNotSwingToAndFro) {
  Rig rig(0.02);
  rig.add({"dear", 1s, 30ms});
  rig.review(20);
  const auto settled = rig.costs[0].slowdown;
  for (int i = 0; i < 200; ++i) {
    rig.review();
    ASSERT_EQ(rig.costs[0].slowdown, settled) << "at review " << i;
  }
}

TEST(Budget, WhatCollectorsDoNotCostIsNotTakenFromThem) {
  Rig rig(0.01);
  rig.base = 1s;                 // many scrapes
  rig.add({"cheap", 1s, 50us});  // 0.00005: less than a hundredth of the budget
  rig.review(50);
  EXPECT_EQ(rig.costs[0].slowdown, 1U);
}

TEST(Budget, EveryCollectorStillRunsNowAndThen) {
  Rig rig(0.0001);
  rig.add({"often", 100ms, 50ms});
  rig.add({"seldom", 600s, 60s});  // rarer than any slowing makes it
  rig.review(2);
  EXPECT_LE(rig.costs[0].interval * rig.costs[0].slowdown, 300s);
  EXPECT_EQ(rig.costs[1].slowdown, 1U);
}

TEST(Budget, ForgetsACollectorThatIsGone) {
  Rig rig(0.02);
  rig.add({"dear", 1s, 100ms});
  rig.review(2);
  rig.costs.clear();
  rig.habits.clear();
  rig.review(40);
  rig.add({"dear", 1s, 1ms});
  rig.review(3);
  EXPECT_EQ(rig.costs[0].slowdown, 1U);
}

}  // namespace
}  // namespace vitalsd
