// Groups whose names a template made are dropped when they are no longer needed, and their totals are kept.
#include "tests/fakes/group_fixture.h"

namespace vitalsd {
namespace {

class GroupRetiringTest : public GroupTrackerTest {
 protected:
  // Makes a group for each name that the command line contains.
  void make_mapped(GroupOptions options) {
    Options all = Options::defaults(find_collector("process_groups")->options);
    all.set("namemapping", {.text = "a,(x[0-9])", .items = {}, .records = {}});
    tracker.emplace(options, GroupRules(all));
  }
  void life(std::int32_t pid, const std::string& argument) {
    process(pid, "a", 1, kNow + 1).counts.user = kSecond;
    fakes.procfs->file(std::to_string(pid) + "/cmdline", argument);
  }
};

TEST_F(GroupRetiringTest, GoesAfterItsTimeIntoTheExitedTotals) {
  make_mapped({.empty_for = std::chrono::minutes(15)});
  life(10, "x1");
  round();
  ASSERT_TRUE(has("a:x1"));
  source.end(10);
  fakes.clock.advance(std::chrono::minutes(14));
  round();
  EXPECT_TRUE(has("a:x1"));
  fakes.clock.advance(std::chrono::minutes(2));
  round();
  EXPECT_FALSE(has("a:x1"));
  EXPECT_EQ(group("other").exited, kSecond);
}

TEST_F(GroupRetiringTest, GoesAtOnceAfterASingleSample) {
  make_mapped({});
  tracker->forget_fleeting(true);
  life(10, "x1");
  round();
  source.end(10);
  fakes.clock.advance(std::chrono::seconds(1));
  round();
  EXPECT_FALSE(has("a:x1"));
  EXPECT_EQ(group("other").exited, kSecond);
}

TEST_F(GroupRetiringTest, IsNotMadeWithoutASampledProcess) {
  make_mapped({});
  life(10, "x1");
  source.vanishing = 10;
  round();
  EXPECT_FALSE(has("a:x1"));
}

TEST_F(GroupRetiringTest, DropsThePeakOfAFallenCount) {
  make({}, "b");
  process(20, "b").counts.user = 0;
  round();
  source[20].counts.user = 1000 * kSecond;
  round();
  source[20].counts.user = 10 * kSecond;
  round();
  source[20].counts.user = 15 * kSecond;
  round();
  EXPECT_EQ(group("b").total.user, 1005 * kSecond);
}

}  // namespace
}  // namespace vitalsd
