// Of which cgroup an OOM kill is told (version 2, where all above it count it, too).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_host.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

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
  /// "CGROUP: DETAIL" of each kill that a round tells.
  std::vector<std::string> told() {
    std::vector<std::string> told;
    for (const auto& event : run_collector(*collector, host).events) {
      if (event.kind == EventKind::oom_kill) told.push_back(event.entity + ": " + event.detail);
    }
    return told;
  }

  const CollectorSpec& spec = *find_collector("cgroups");
  std::unique_ptr<Collector> collector = spec.make(Options::defaults(spec.options));
};

TEST_F(CgroupKillsTest, WhatWasThereBeforeIsNotTold) {
  kills("a", 3);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(CgroupKillsTest, TheLowestIsTold) {
  kills("a", 0);
  kills("a/b", 0);
  told();
  kills("a", 2);
  kills("a/b", 2);
  EXPECT_THAT(told(), ElementsAre("/a/b: 2 processes killed: out of memory"));
}

TEST_F(CgroupKillsTest, OneThatIsNewHadAllItsKillsSince) {
  kills("a", 0);
  told();
  kills("a", 1);
  kills("a/b", 1);
  EXPECT_THAT(told(), ElementsAre("/a/b: 1 process killed: out of memory"));
}

TEST_F(CgroupKillsTest, OneThatWasMadeAnewHadAllItsKillsSince) {
  cgroupfs->inode("a", 10).inode("a/b", 11);
  kills("a", 3);
  kills("a/b", 1);
  told();
  cgroupfs->inode("a/b", 12);
  EXPECT_THAT(told(), ElementsAre("/a/b: 1 process killed: out of memory"));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(CgroupKillsTest, WhatHasGoneIsToldOfTheOneAboveIt) {
  kills("a", 0);
  told();
  kills("a", 1);
  EXPECT_THAT(told(), ElementsAre("/a: 1 process killed: out of memory"));
}

TEST_F(CgroupKillsTest, OneThatWasReadBeforeTheKillDoesNotTellItAgain) {
  for (const char* id : {"a", "a/b", "a/b/c"}) kills(id, 0);
  told();
  kills("a/b/c", 1);
  EXPECT_THAT(told(), ElementsAre("/a/b/c: 1 process killed: out of memory"));
  kills("a/b", 1);
  EXPECT_THAT(told(), IsEmpty());
  kills("a", 1);
  EXPECT_THAT(told(), IsEmpty());
  kills("a", 2);
  EXPECT_THAT(told(), ElementsAre("/a: 1 process killed: out of memory"));
}

}  // namespace
}  // namespace vitalsd
