#include "collectors/process/groups/child_times.h"

#include <gtest/gtest.h>

#include <map>

namespace vitalsd {
namespace {

std::map<int, std::uint64_t> settled(ChildTimes& times) {
  std::map<int, std::uint64_t> left;
  for (const auto& [pid, nanoseconds] : times.settle()) left[pid] = nanoseconds;
  return left;
}

TEST(ChildTimes, LeaveWhatNobodySaw) {
  ChildTimes times;
  times.begin();
  times.grew(10, 100);
  times.grew(20, 5);
  times.gone(11, 10, 30);
  EXPECT_EQ(settled(times), (std::map<int, std::uint64_t>{{10, 70}, {20, 5}}));
}

TEST(ChildTimes, ReachTheFirstAncestorThatLives) {
  ChildTimes times;
  times.begin();
  times.grew(10, 100);
  times.gone(12, 11, 30);  // its parent ended as well, and was waited for
  times.gone(11, 10, 20);
  EXPECT_EQ(settled(times), (std::map<int, std::uint64_t>{{10, 50}}));
}

TEST(ChildTimes, GiveOrphansToInit) {
  ChildTimes times;
  times.begin();
  times.grew(1, 100);
  times.gone(12, 11, 30);
  EXPECT_EQ(settled(times), (std::map<int, std::uint64_t>{{1, 70}}));
}

TEST(ChildTimes, WaitForAParentThatIsSeenLate) {
  ChildTimes times;
  times.begin();
  times.gone(11, 10, 30);
  EXPECT_TRUE(settled(times).empty());
  times.begin();
  times.grew(10, 50);
  EXPECT_EQ(settled(times), (std::map<int, std::uint64_t>{{10, 20}}));
  times.begin();
  times.grew(10, 50);
  EXPECT_EQ(settled(times), (std::map<int, std::uint64_t>{{10, 50}})) << "set off once";
}

TEST(ChildTimes, ForgetWhoWasNeverWaitedFor) {
  ChildTimes times;
  times.begin();
  times.gone(11, 10, 30);
  for (int i = 0; i < 3; ++i) {
    times.settle();
    times.begin();
  }
  times.grew(10, 50);
  EXPECT_EQ(settled(times), (std::map<int, std::uint64_t>{{10, 50}}));
}

TEST(ChildTimes, BearALoopOfParents) {
  ChildTimes times;
  times.begin();
  times.gone(11, 12, 1);
  times.gone(12, 11, 1);
  EXPECT_TRUE(settled(times).empty());
}

}  // namespace
}  // namespace vitalsd
