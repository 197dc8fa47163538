// Ends of processes that a test makes up, and where they are counted.
#include <map>

#include "tests/fakes/group_fixture.h"

namespace vitalsd {
namespace {

using GroupEndingsTest = GroupTrackerTest;

TEST_F(GroupEndingsTest, CountsHowProcessesEnd) {
  make({}, "a");
  process(10, "a");
  process(11, "a", 10);
  process(20, "sh");
  round();
  ended = {{11, 10, 9}, {12, 10, 0}, {13, 10, 0}, {20, 1, 0}, {21, 20, 256}};
  source.end(11);
  round();
  EXPECT_EQ(group("a").exits, (std::map<std::string, std::uint64_t, std::less<>>{{"SIGKILL", 1}, {"exit_0", 2}}));
  ended = {{11, 10, 15}};  // reported only now
  round();
  EXPECT_EQ(group("a").exits.at("SIGTERM"), 1U);
  make({.children = false}, "a");
  ended = {{11, 10, 9}, {12, 10, 0}};
  process(11, "a", 10);
  round();
  EXPECT_EQ(group("a").exits, (std::map<std::string, std::uint64_t, std::less<>>{{"SIGKILL", 1}}));
}

TEST_F(GroupEndingsTest, CreditsAParentWithAChildEndingMeanwhile) {
  make({}, "a");
  process(10, "a", 1, kNow + 1);
  process(11, "b", 10, kNow + 1).counts.user = kSecond;
  fakes.procfs->error("11/cmdline", ESRCH);
  ended = {{11, 10, 0}};
  round();
  EXPECT_EQ(group("a").exits, (std::map<std::string, std::uint64_t, std::less<>>{{"exit_0", 1}}));
  source.end(11);
  ended.clear();
  source[10].children_user = 2 * kSecond;
  round();
  EXPECT_EQ(group("a").exited, 2 * kSecond);
  EXPECT_EQ(tracker->other_cpu(), 0U);
}

}  // namespace
}  // namespace vitalsd
