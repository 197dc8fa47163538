#include "collectors/process/groups/group_usage.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

TEST(MinuteMaximum, IsThatOfTheLastWholeMinute) {
  const std::chrono::system_clock::time_point minute{60s * 28'000'000};
  MinuteMaximum most;
  EXPECT_FALSE(most.last(minute));
  most.observe(minute + 10s, 1);
  most.observe(minute + 20s, 3);
  most.observe(minute + 59s, 2);
  EXPECT_FALSE(most.last(minute + 59s)) << "the minute is not over";
  EXPECT_EQ(most.last(minute + 60s), 3) << "also before its next sample";
  most.observe(minute + 61s, 7);
  EXPECT_EQ(most.last(minute + 61s), 3);
  EXPECT_EQ(most.last(minute + 119s), 3);
  EXPECT_EQ(most.last(minute + 120s), 7);
  EXPECT_FALSE(most.last(minute + 180s)) << "a minute without samples has no maximum";
  most.observe(minute + 200s, 1);
  EXPECT_FALSE(most.last(minute + 200s));
}

}  // namespace
}  // namespace vitalsd
