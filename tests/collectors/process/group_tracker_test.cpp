// The totals of groups over processes that a test makes up.
#include "collectors/process/groups/group_tracker.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "tests/fakes/group_fixture.h"

namespace vitalsd {
namespace {

TEST_F(GroupTrackerTest, CountsOnlyTheLaterBornInFull) {
  make({}, "a");
  process(10, "a").counts.user = 5 * kSecond;
  round();
  EXPECT_EQ(group("a").total.user, 0U);
  source[10].counts.user = 7 * kSecond;
  process(11, "a", 1, kNow + 1).counts.user = 3 * kSecond;
  source[11].counts.read_bytes = 40;
  process(12, "a", 1, kNow - 1).counts.user = 100 * kSecond;  // it existed already, but was not seen
  round();
  EXPECT_EQ(group("a").total.user, 5 * kSecond);
  EXPECT_EQ(group("a").total.read_bytes, 40U);
  EXPECT_EQ(group("a").processes, 3U);
}

TEST_F(GroupTrackerTest, TakesNoGrowthFromAFinerSource) {
  make({}, "a");
  process(10, "a").counts.user = 5 * kSecond;
  process(11, "a").counts.user = 5 * kSecond;
  process(20, "sh").counts.user = 5 * kSecond;
  round();
  source.called = "finer";
  source[10].counts.user += kSecond / 101;  // the remainder of a tick
  source[11].counts.user += kSecond;
  source[20].counts.user += kSecond / 101;
  round();
  EXPECT_EQ(group("a").total.user, kSecond);
  EXPECT_EQ(tracker->other_cpu(), 0U);
  source[10].counts.user += 7;
  round();
  EXPECT_EQ(group("a").total.user, kSecond + 7);
}

TEST_F(GroupTrackerTest, KeepsWhatTheDeadHaveUsed) {
  make({}, "a");
  process(10, "a");
  round();
  source[10].counts.system = kSecond;
  round();
  source.end(10);
  round();
  EXPECT_EQ(group("a").processes, 0U);
  EXPECT_EQ(group("a").total.system, kSecond);
  make({.remove_empty = true}, "a");
  process(10, "a");
  round();
  EXPECT_TRUE(has("a"));
  source.end(10);
  round();
  EXPECT_FALSE(has("a"));
}

TEST_F(GroupTrackerTest, DistinguishesProcessesWithTheSamePid) {
  make({}, "a,b");
  process(10, "a", 1, kNow + 1).counts.user = kSecond;
  round();
  process(10, "b", 1, kNow + 5).counts.user = 2 * kSecond;
  round();
  EXPECT_EQ(group("a").processes, 0U);
  EXPECT_EQ(group("a").total.user, kSecond);
  EXPECT_EQ(group("b").total.user, 2 * kSecond);
}

TEST_F(GroupTrackerTest, NeverFallsWhenACounterDoes) {
  make({}, "a");
  process(10, "a").counts.user = 5 * kSecond;
  round();
  source[10].counts.user = 6 * kSecond;
  round();
  source[10].counts.user = 5 * kSecond;  // as scaled ticks may do
  round();
  source[10].counts.user = 6 * kSecond;
  round();
  EXPECT_EQ(group("a").total.user, kSecond);
}

TEST_F(GroupTrackerTest, HoldsNoWrongPeakOfACounter) {
  make({}, "a");
  process(10, "a").counts.user = 5 * kSecond;
  round();
  source[10].counts.user = 5000 * kSecond;
  round();
  source[10].counts.user = 6 * kSecond;
  round();
  EXPECT_EQ(group("a").total.user, 4995 * kSecond);
  source[10].counts.user = 8 * kSecond;
  round();
  EXPECT_EQ(group("a").total.user, 4997 * kSecond);
}

TEST_F(GroupTrackerTest, PutsChildrenIntoTheNearestAncestorsGroup) {
  process(10, "top", 1);
  process(11, "sh", 10);
  process(12, "deep", 11);
  process(13, "kid", 12);
  process(14, "below", 13);
  process(20, "stranger", 1);
  make({}, "top,kid");
  round();
  EXPECT_EQ(group("top").processes, 3U);
  EXPECT_EQ(group("kid").processes, 2U);
  make({.children = false}, "top,kid");
  round();
  EXPECT_EQ(group("top").processes, 1U);
  EXPECT_EQ(group("kid").processes, 1U);
}

TEST_F(GroupTrackerTest, KeepsTheFirstGroupUnlessRechecking) {
  process(10, "early");
  make({}, "late");
  round();
  process(10, "late");
  round();
  EXPECT_FALSE(has("late"));

  process(10, "early");
  make({.recheck = true}, "late,later");
  round();
  process(10, "late");
  round();
  EXPECT_EQ(group("late").processes, 1U);
  process(10, "later");
  round();
  EXPECT_EQ(group("late").processes, 1U);
  EXPECT_FALSE(has("later"));
}

TEST_F(GroupTrackerTest, MatchesAnewWhatExecutesAnotherProgram) {
  make({}, "a,b");
  for (const auto& [pid, comm] : {std::pair{10, "sh"}, {11, "a"}, {12, "a"}}) {
    process(pid, comm).exec_id = 1;
    source[pid].counts.user = kSecond;
  }
  process(13, "sh").exec_id = 0;  // from a source that cannot detect an exec
  round();
  EXPECT_EQ(group("a").processes, 2U);
  process(10, "a").exec_id = 2;
  process(11, "b").exec_id = 2;
  process(12, "sh").exec_id = 2;
  process(13, "a").exec_id = 1;
  for (const int pid : {10, 11, 12}) source[pid].counts.user += kSecond;
  round();
  EXPECT_EQ(group("a").processes, 2U) << "10, and 12 which no rule has another place for";
  EXPECT_EQ(group("a").total.user, 2 * kSecond);
  EXPECT_EQ(group("b").processes, 1U);
  EXPECT_EQ(group("b").total.user, kSecond);
  process(10, "b").exec_id = 2;  // only its name changes
  round();
  EXPECT_EQ(group("b").processes, 1U);
}

TEST_F(GroupTrackerTest, RechecksNoLongerThanTheLimit) {
  process(10, "early", 1, kNow);
  make({.recheck = true, .recheck_limit = std::chrono::seconds(60)}, "late");
  round();
  fakes.clock.advance(std::chrono::seconds(61));
  round();
  process(10, "late", 1, kNow);
  round();
  EXPECT_FALSE(has("late"));
}

TEST_F(GroupTrackerTest, LeavesAbsentWhatIsNotReadable) {
  make({}, "a");
  ProcessSample& one = process(10, "a");
  one.has = Has::switches;
  one.unread = "io";
  one.error = {Errc::denied, EACCES, "io"};
  process(20, "stranger").unread = "io";
  round();
  EXPECT_FALSE(group("a").counted & Has::io);
  EXPECT_EQ(tracker->errors().partial, 1U) << "not of strangers";
  ASSERT_EQ(faults.faults.size(), 1U);
  EXPECT_EQ(faults.faults[0].entity, "processes");
  EXPECT_EQ(faults.faults[0].field, "io");
  // Readable from now on; what it used before is unknown.
  source[10].has |= Has::io;
  source[10].unread = {};
  source[10].counts.read_bytes = 1000;
  round();
  EXPECT_EQ(group("a").total.read_bytes, 0U);
  source[10].counts.read_bytes = 1010;
  round();
  EXPECT_EQ(group("a").total.read_bytes, 10U);
}

TEST_F(GroupTrackerTest, CountsWhatItCouldNotRead) {
  make({}, "a");
  source.processes.push_back({.id = {30, 0}, .unread = "stat", .error = {Errc::malformed, 0, "stat"}});
  round();
  EXPECT_EQ(tracker->errors().processes, 1U);
  source.broken = true;
  CollectContext context{fakes.host, {}, {}, buffer, faults};
  EXPECT_FALSE(tracker->update(context, source));
  EXPECT_EQ(tracker->errors().scrapes, 1U);
}

TEST_F(GroupTrackerTest, AddsUpTimeThatNobodySaw) {
  make({}, "a");
  process(10, "a", 1, kNow + 1);
  process(20, "sh", 1, kNow + 1);
  process(21, "seen", 20, kNow + 1);
  round();
  source[21].counts.user = 2 * kSecond;
  round();
  EXPECT_EQ(tracker->other_cpu(), 2 * kSecond);
  source[10].children_user = 3 * kSecond;
  source[20].children_user = 6 * kSecond;  // 5 of the known child, which had 2 when last seen, and 1 of another
  source.end(21);
  round();
  EXPECT_EQ(group("a").exited, 3 * kSecond);
  EXPECT_EQ(group("a").total.user, 0U);
  EXPECT_EQ(tracker->other_cpu(), 6 * kSecond);
}

TEST_F(GroupTrackerTest, ForgetsAProcessThatEndsMeanwhile) {
  make({.remove_empty = true}, "a");
  process(10, "a", 1, kNow + 1).counts.user = kSecond;
  round();
  source.vanishing = 10;
  source[10].children_user = kSecond;
  round();
  EXPECT_FALSE(has("a"));
  source.vanishing = 0;
  source.end(10);
  round();
}

TEST_F(GroupTrackerTest, FoldsWhatIsMoreThanTheLimit) {
  make({.max_groups = 2}, "a,b,c,d");
  for (const auto& [pid, comm] : {std::pair{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}}) process(pid + 10, comm);
  round();
  EXPECT_EQ(tracker->groups().size(), 3U);
  EXPECT_EQ(group("other").processes, 2U);
  EXPECT_EQ(tracker->errors().folded, 2U);
}

TEST_F(GroupTrackerTest, GoesOnWhereItWasAfterARestart) {
  make({}, "a b");
  process(10, "a b", 1, kNow + 1).counts.user = kSecond;
  process(20, "sh", 1, kNow + 1).counts.user = 2 * kSecond;
  process(30, "a b", 1, kNow + 1).counts.user = 4 * kSecond;
  round();
  std::string saved;
  tracker->save(saved);
  // Between the two daemons one process grows, one ends, one is born.
  source[10].counts.user = 2 * kSecond;
  source[20].counts.user = 3 * kSecond;
  source.end(30);
  process(40, "a b", 1, kNow + 9).counts.user = 8 * kSecond;
  fakes.clock.advance(std::chrono::seconds(10));
  make({}, "a b");
  ASSERT_TRUE(tracker->restore(saved));
  round();
  EXPECT_EQ(group("a b").total.user, (2 + 4 + 8) * kSecond);
  EXPECT_EQ(group("a b").processes, 2U);
  EXPECT_EQ(tracker->other_cpu(), 3 * kSecond);

  // With other rules the totals are kept and the processes are matched again.
  process(20, "sh", 1, kNow + 1);
  make({}, "sh");
  ASSERT_TRUE(tracker->restore(saved));
  round();
  EXPECT_EQ(group("a b").total.user, 5 * kSecond);
  EXPECT_EQ(group("sh").processes, 1U);
}

TEST_F(GroupTrackerTest, RestoresNothingFromWhatIsNotWhole) {
  make({}, "a");
  process(10, "a", 1, kNow + 1).counts.user = kSecond;
  round();
  std::string saved;
  tracker->save(saved);
  make({}, "a");
  for (std::size_t size = 1; size < saved.size(); ++size) {
    const std::string torn = saved.substr(0, size);
    if (torn.ends_with('\n') || saved[size] == '\n') continue;  // whole lines; the checksum of the file detects these
    if (tracker->restore(torn + "x")) ADD_FAILURE() << torn;
  }
  for (const char* text :
       {"group\n", "thread =a 0 0 0 0 0 0 0 0 0 0\n", "process 1 2 3 1 0 0 0 0 0 0 0 0 0 0 0 =none\n", "x\n",
        "group =%4 0 0 0 0 0 0 0 0 0 0 0\n", "whole 1\n"}) {
    EXPECT_FALSE(tracker->restore(text)) << text;
  }
  EXPECT_TRUE(tracker->groups().empty());
}

TEST_F(GroupTrackerTest, SamplesUsage) {
  make({.histograms = true}, "a");
  process(10, "a").resident_bytes = 3 << 20;
  round();
  EXPECT_FALSE(tracker->sampled_after());
  fakes.clock.advance(std::chrono::seconds(2));
  source[10].counts.user = kSecond;
  round();
  EXPECT_EQ(group("a").usage.cores.count(), 1U);
  EXPECT_DOUBLE_EQ(group("a").usage.cores.sum(), 0.5);
  EXPECT_DOUBLE_EQ(group("a").usage.bytes.sum(), 3 << 20);
  EXPECT_EQ(tracker->sampled_after(), std::chrono::seconds(2));
  // A scrape right after the tick: too short a time.
  fakes.clock.advance(std::chrono::milliseconds(10));
  source[10].counts.user += kSecond / 100;
  round();
  EXPECT_EQ(group("a").usage.cores.count(), 1U);
  // The next minute shows the maximum of this one.
  EXPECT_FALSE(group("a").usage.most_cores.last(fakes.clock.now()));
  fakes.clock.advance(std::chrono::seconds(60));
  round();
  EXPECT_EQ(group("a").usage.most_cores.last(fakes.clock.now()), 0.5);
  // After a restart the distribution continues.
  std::string saved;
  tracker->save(saved);
  make({.histograms = true}, "a");
  ASSERT_TRUE(tracker->restore(saved));
  EXPECT_EQ(group("a").usage.cores.count(), 2U);
}

TEST_F(GroupTrackerTest, PublishesTheLargestAndSumsTheRest) {
  make({.top = 2}, "a,b,c,d,e");
  const std::pair<int, const char*> all[] = {{10, "a"}, {11, "b"}, {12, "c"}, {13, "d"}, {14, "e"}};
  for (const auto& [pid, comm] : all) process(pid, comm);
  const auto run = [&](std::map<int, std::uint64_t> seconds_of) {
    for (const auto& [pid, seconds] : seconds_of) source[pid].counts.user += seconds * kSecond;
    fakes.clock.advance(std::chrono::seconds(10));
    round();
  };
  const auto published = [&] {
    std::string names;
    for (const auto& [name, each] : tracker->groups()) names += each.hidden || name == "other" ? "" : name;
    return names;
  };
  round();
  run({{12, 8}, {13, 6}, {14, 4}});
  EXPECT_EQ(published(), "cd");
  std::uint64_t sum = 0;
  const auto total = [&] {
    sum = 0;
    for (const auto& [name, each] : tracker->groups()) sum += each.total.user;
    return sum / kSecond;
  };
  EXPECT_EQ(total(), 18U);
  run({{12, 8}, {13, 4}, {14, 5}});  // e has now used a little more than d, but d stays
  EXPECT_EQ(published(), "cd");
  for (int i = 0; i < 5; ++i) run({{12, 8}, {14, 6}, {11, 5}});
  EXPECT_EQ(published(), "ce");
  EXPECT_EQ(total(), 18U + 17U + 5 * 19U) << "and nothing is lost or counted twice";
}

TEST_F(GroupTrackerTest, TakesTheWorstAndTheOldest) {
  make({}, "a");
  ProcessSample& one = process(10, "a", 1, 500);
  one.fds = 5;
  one.fd_limit = 10;
  ProcessSample& two = process(11, "a", 1, 400);
  two.fds = 90;
  two.fd_limit = 1000;
  round();
  EXPECT_EQ(group("a").worst_fd_ratio, 0.5);
  EXPECT_EQ(group("a").fds, 95U);
  EXPECT_EQ(group("a").oldest_start, 400U);
}

}  // namespace
}  // namespace vitalsd
