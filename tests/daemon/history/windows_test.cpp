#include "daemon/history/windows.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/daemon/history/history_fixture.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

class WindowsTest : public HistoryTest {
 protected:
  const SeriesView& cpu() { return *view("a", "vitalsd_target_cpu_seconds_total"); }
};

TEST_F(WindowsTest, AWindowHasLeastMostMeanAndLast) {
  for (const double value : {9.0, 1.0, 4.0, 4.0}) round({{"a", value}});
  const Window window = window_of(*view("a"), now_ - 2s, now_);
  EXPECT_EQ(window.count, 3U);
  EXPECT_EQ(window.min, 1);
  EXPECT_EQ(window.max, 4);
  EXPECT_EQ(window.mean(), 3);
  EXPECT_EQ(window.last, 4);
  const Window none = window_of(*view("a"), now_ + 1s, now_ + 2s);
  EXPECT_EQ(none.count, 0U);
  EXPECT_TRUE(std::isnan(none.mean()));
}

TEST_F(WindowsTest, WhatIsNoNumberCountsForNothing) {
  round({{"a", NAN}});
  round({{"a", 2}});
  EXPECT_EQ(window_of(*view("a"), {}, now_).mean(), 2);
}

TEST_F(WindowsTest, ARateSurvivesARestart) {
  for (const double value : {10.0, 12.0, 1.0, 3.0}) round({{"a", value}}, kCpu);
  EXPECT_EQ(rate_of(cpu(), {}, now_), 5.0 / 3);
  EXPECT_EQ(rate_of(cpu(), now_, now_), std::nullopt);
}

TEST_F(WindowsTest, StepsHoldWhatIsAfterTheirBeginning) {
  const auto begin = now_;
  for (const double value : {1.0, 2.0, 3.0, 4.0, 5.0}) round({{"a", value}});
  const auto steps = steps_of(*view("a"), begin, now_, 2s);
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].mean(), 1.5);
  EXPECT_EQ(steps[1].mean(), 3.5);
  EXPECT_EQ(steps[2].mean(), 5);
}

}  // namespace
}  // namespace vitalsd
