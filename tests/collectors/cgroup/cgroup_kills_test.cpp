// For which cgroup an OOM kill is reported (version 2, where all cgroups above it count it, too).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/as_kernel.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/real_tree.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class CgroupKillsTest : public testing::Test, protected FakeHost {
 protected:
  CgroupKillsTest() { cgroupfs->file("cgroup.procs", "").file("cgroup.controllers", "memory\n"); }
  void kills(const std::string& id, int count) {
    cgroupfs->file(id + "/cgroup.procs", "");
    cgroupfs->file(id + "/memory.events",
                   "low 0\nhigh 0\nmax 0\noom 0\noom_kill " + std::to_string(count) + "\noom_group_kill 0\n");
  }
  /// "CGROUP: DETAIL" of each kill for which a round emits an event.
  std::vector<std::string> reported() {
    std::vector<std::string> reported;
    for (const auto& event : run_collector(*collector, host).events) {
      if (event.kind == EventKind::oom_kill) reported.push_back(event.entity + ": " + event.detail);
    }
    return reported;
  }

  const CollectorSpec& spec = *find_collector("cgroups");
  std::unique_ptr<Collector> collector = spec.make(Options::defaults(spec.options));
};

TEST_F(CgroupKillsTest, EarlierKillsAreNotReported) {
  kills("a", 3);
  EXPECT_THAT(reported(), IsEmpty());
  EXPECT_THAT(reported(), IsEmpty());
}

TEST_F(CgroupKillsTest, TheLowestIsReported) {
  kills("a", 0);
  kills("a/b", 0);
  reported();
  kills("a", 2);
  kills("a/b", 2);
  EXPECT_THAT(reported(), ElementsAre("/a/b: 2 processes killed: out of memory"));
}

TEST_F(CgroupKillsTest, ANewCgroupReportsAllItsKills) {
  kills("a", 0);
  reported();
  kills("a", 1);
  kills("a/b", 1);
  EXPECT_THAT(reported(), ElementsAre("/a/b: 1 process killed: out of memory"));
}

TEST_F(CgroupKillsTest, ARecreatedCgroupReportsAllItsKills) {
  cgroupfs->inode("a", 10).inode("a/b", 11);
  kills("a", 3);
  kills("a/b", 1);
  reported();
  cgroupfs->inode("a/b", 12);
  EXPECT_THAT(reported(), ElementsAre("/a/b: 1 process killed: out of memory"));
  EXPECT_THAT(reported(), IsEmpty());
}

TEST_F(CgroupKillsTest, TheParentReportsForARemovedCgroup) {
  kills("a", 0);
  reported();
  kills("a", 1);
  EXPECT_THAT(reported(), ElementsAre("/a: 1 process killed: out of memory"));
}

TEST_F(CgroupKillsTest, AKillAfterTheReadIsReportedOnce) {
  for (const char* id : {"a", "a/b", "a/b/c"}) kills(id, 0);
  reported();
  kills("a/b/c", 1);
  EXPECT_THAT(reported(), ElementsAre("/a/b/c: 1 process killed: out of memory"));
  kills("a/b", 1);
  EXPECT_THAT(reported(), IsEmpty());
  kills("a", 1);
  EXPECT_THAT(reported(), IsEmpty());
  kills("a", 2);
  EXPECT_THAT(reported(), ElementsAre("/a: 1 process killed: out of memory"));
}

class CgroupKillsAtOnce : public RealTree {
 protected:
  CgroupKillsAtOnce() {
    host.cgroupfs = std::make_unique<AsKernel>(directory / "cgroup");
    write("cgroup/cgroup.procs", "");
    write("cgroup/cgroup.controllers", "memory");
    for (const char* id : {"a", "b"}) cgroup(id, 0, 1);
    make("cgroups", {});
    round();
  }
  void cgroup(const std::string& id, int kills, int memory) const {
    write("cgroup/" + id + "/cgroup.procs", "");
    write("cgroup/" + id + "/memory.current", std::to_string(memory));
    write("cgroup/" + id + "/memory.events", "oom 0\noom_kill " + std::to_string(kills) + "\n");
  }
  std::string kills(const std::string& id) const { return value("container_oom_events_total{id=\"" + id + "\"}"); }
  std::string memory(const std::string& id) const { return value("container_memory_usage_bytes{id=\"" + id + "\"}"); }
};

TEST_F(CgroupKillsAtOnce, TheCgroupComesFirstTheRestNextRound) {
  EXPECT_FALSE(wakes());
  cgroup("a", 1, 2);
  cgroup("b", 0, 3);
  ASSERT_TRUE(wakes());
  ASSERT_TRUE(woken().partial);
  EXPECT_EQ(kills("/a"), "1");
  EXPECT_EQ(memory("/a"), "2");
  EXPECT_EQ(memory("/b"), "1") << "as it was";
  EXPECT_THAT(last.events, IsEmpty());
  ASSERT_TRUE(wakes()) << "the round";
  EXPECT_FALSE(woken().partial);
  EXPECT_EQ(kills("/a"), "1");
  EXPECT_EQ(memory("/b"), "3");
  EXPECT_THAT(last.events, ElementsAre(RecordedEvent{EventKind::oom_kill, "/a", "1 process killed: out of memory"}));
  EXPECT_FALSE(wakes());
}

TEST_F(CgroupKillsAtOnce, OneThatWasMadeJustBeforeIsFound) {
  lasting = 1h;
  round();
  cgroup("a/new", 1, 2);
  cgroup("a", 1, 2);
  ASSERT_TRUE(wakes());
  round();
  EXPECT_THAT(last.events,
              ElementsAre(RecordedEvent{EventKind::oom_kill, "/a/new", "1 process killed: out of memory"}));
}

TEST_F(CgroupKillsAtOnce, ARoundThatOthersAwaitReportsAll) {
  cgroup("a", 1, 2);
  cgroup("b", 0, 3);
  ASSERT_TRUE(wakes());
  round();
  EXPECT_FALSE(last.partial);
  EXPECT_EQ(memory("/b"), "3");
}

TEST_F(CgroupKillsAtOnce, ARemovedCgroupIsLeftToTheRound) {
  cgroup("a", 1, 2);
  ASSERT_TRUE(wakes());
  std::filesystem::remove_all(directory / "cgroup/a");
  EXPECT_FALSE(woken().partial);
  EXPECT_EQ(kills("/a"), "absent");
  EXPECT_EQ(kills("/b"), "0");
}

}  // namespace
}  // namespace vitalsd
