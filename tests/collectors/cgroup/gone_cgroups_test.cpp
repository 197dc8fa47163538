// The counters of a removed cgroup are reported until a scrape has surely seen them.
#include "collectors/cgroup/gone_cgroups.h"

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

class GoneCgroupsTest : public testing::Test, protected FakeHost {
 protected:
  GoneCgroupsTest() {
    cgroupfs->file("cgroup.procs", "").file("cgroup.controllers", "memory\n");
    cgroup("system.slice", 1, 0);
    cgroup(kUnit, 2, 0);
    make();
  }
  void make(const char* option = nullptr, const char* value = nullptr) {
    Options options = Options::defaults(spec.options);
    if (option != nullptr) options.set(option, {.text = value, .items = {}, .records = {}});
    collector = spec.make(options);
  }
  void cgroup(const std::string& id, std::uint64_t inode, int kills) {
    cgroupfs->file(id + "/cgroup.procs", "");
    cgroupfs->file(id + "/memory.current", "4096\n");
    cgroupfs->file(id + "/cpu.max", "50000 100000\n");
    cgroupfs->file(id + "/cpu.stat", "nr_periods 10\nnr_throttled 4\nthrottled_usec 2500000\n");
    cgroupfs->file(id + "/memory.events", "max 3\noom 0\noom_kill " + std::to_string(kills) + "\n");
    cgroupfs->inode(id, inode);
  }
  void end(const std::string& id) {
    for (const char* file : {"cgroup.procs", "memory.current", "cpu.max", "cpu.stat", "memory.events"})
      cgroupfs->remove(id + "/" + file);
  }
  void round() { last = run_collector(*collector, host); }
  std::string value(const std::string& family, const std::string& id = kUnit) const {
    return sample(last.text, family + "{id=\"/" + id + "\"}").value_or("absent");
  }
  std::string kills() const { return value("container_oom_events_total"); }

  static inline const std::string kUnit = "system.slice/eater.service";
  const CollectorSpec& spec = *find_collector("cgroups");
  std::unique_ptr<Collector> collector;
  RunResult last;
};

TEST_F(GoneCgroupsTest, OnlyEventsAreReportedForAWhile) {
  cgroup(kUnit, 2, 2);
  round();
  end(kUnit);
  for (const auto step : {0s, 60s, 239s}) {
    clock.advance(step);
    round();
    EXPECT_EQ(kills(), "2");
    EXPECT_EQ(value("container_cpu_cfs_throttled_periods_total"), "4");
    EXPECT_EQ(value("container_cpu_cfs_throttled_seconds_total"), "2.5");
    EXPECT_EQ(value("container_memory_events_max_total"), "3");
    EXPECT_EQ(value("container_memory_usage_bytes"), "absent");
    EXPECT_EQ(value("container_last_seen"), "absent");
    EXPECT_EQ(sample(last.text, "vitalsd_cgroups{version=\"2\"}"), "2");
  }
  clock.advance(1s);
  round();
  EXPECT_FALSE(last.text.contains("eater.service"));
}

TEST_F(GoneCgroupsTest, AtLeastOneRoundReportsThem) {
  make("linger", "0s");
  cgroup(kUnit, 2, 2);
  round();
  end(kUnit);
  round();
  EXPECT_EQ(kills(), "2");
  round();
  EXPECT_EQ(kills(), "absent");
}

TEST_F(GoneCgroupsTest, WhatHadNoEventsGoesAtOnce) {
  cgroupfs->file(kUnit + "/cpu.stat", "nr_periods 10\nnr_throttled 0\nthrottled_usec 0\n");
  cgroupfs->file(kUnit + "/memory.events", "max 0\noom 0\noom_kill 0\n");
  round();
  end(kUnit);
  round();
  EXPECT_FALSE(last.text.contains("eater.service"));
}

TEST_F(GoneCgroupsTest, WhatIsExcludedStaysSo) {
  make("exclude", "eater");
  round();
  end(kUnit);
  round();
  EXPECT_FALSE(last.text.contains("eater.service"));
}

TEST_F(GoneCgroupsTest, AnotherOfItsNameCountsOn) {
  cgroup(kUnit, 2, 2);
  round();
  end(kUnit);
  round();
  cgroup(kUnit, 3, 1);
  round();
  EXPECT_EQ(kills(), "3");
  EXPECT_EQ(value("container_memory_usage_bytes"), "4096");
  cgroup(kUnit, 4, 1);  // immediately
  round();
  EXPECT_EQ(kills(), "4");
  clock.advance(1h);
  round();
  EXPECT_EQ(kills(), "4") << "a counter does not fall";
}

TEST_F(GoneCgroupsTest, AMissedCgroupIsNotCountedTwice) {
  cgroup(kUnit, 2, 2);
  round();
  end(kUnit);
  round();
  cgroup(kUnit, 2, 2);
  round();
  EXPECT_EQ(kills(), "2");
  EXPECT_EQ(value("container_cpu_cfs_throttled_periods_total"), "4");
}

TEST_F(GoneCgroupsTest, AMissedCgroupKeepsWhatOthersCounted) {
  cgroup(kUnit, 2, 2);
  round();
  end(kUnit);
  round();
  cgroup(kUnit, 3, 1);
  round();
  end(kUnit);
  round();
  EXPECT_EQ(kills(), "3");
  cgroup(kUnit, 3, 1);  // it existed all the time
  round();
  EXPECT_EQ(kills(), "3") << "a counter does not fall";
}

TEST(GoneCgroups, KillsOfAnUnknownCgroupAreNotLost) {
  GoneCgroups gone(1min);
  gone.begin({});
  gone.add_oom_kills("/unit", 1);
  CgroupStats stats;
  stats.oom_kills = 1;
  gone.take("/unit", 7).add_to(stats);
  EXPECT_EQ(stats.oom_kills, 2);
}

TEST_F(GoneCgroupsTest, TooManyMakeRoom) {
  const auto id = [](int i) { return "many/" + std::to_string(i); };
  for (int i = 0; i < 1500; ++i) cgroup(id(i), 100 + static_cast<std::uint64_t>(i), 1);
  round();
  for (int i = 0; i < 1500; ++i) end(id(i));
  round();
  round();
  int reported = 0;
  for (int i = 0; i < 1500; ++i) reported += value("container_oom_events_total", id(i)) == "1" ? 1 : 0;
  EXPECT_EQ(reported, 1000);
}

// As systemd does with a unit whose process was killed: its counters are never read again after the kill.
class GoneAtOnce : public RealTree {
 protected:
  GoneAtOnce() {
    host.cgroupfs = std::make_unique<AsKernel>(directory / "cgroup");
    write("cgroup/cgroup.procs", "");
    write("cgroup/cgroup.controllers", "memory");
    for (const char* id : {"system.slice", "system.slice/eater.service"}) cgroup(id, 0);
    make("cgroups", {});
    round();
  }
  void cgroup(const std::string& id, int kills) const {
    write("cgroup/" + id + "/cgroup.procs", "");
    write("cgroup/" + id + "/memory.events", "max 0\noom 0\noom_kill " + std::to_string(kills) + "\n");
  }
  std::string kills(const std::string& id) const { return value("container_oom_events_total{id=\"" + id + "\"}"); }
};

TEST_F(GoneAtOnce, TheKillIsCountedForTheUnitItself) {
  cgroup("system.slice/eater.service", 0);  // it reaches its limit
  std::filesystem::remove_all(directory / "cgroup/system.slice/eater.service");
  cgroup("system.slice", 1);
  round();
  ASSERT_THAT(last.events, ElementsAre(RecordedEvent{EventKind::oom_kill, "/system.slice/eater.service",
                                                     "1 process killed: out of memory"}));
  EXPECT_EQ(kills("/system.slice/eater.service"), "1");
  EXPECT_EQ(kills("/system.slice"), "1");
  round();
  EXPECT_EQ(kills("/system.slice/eater.service"), "1");
}

}  // namespace
}  // namespace vitalsd
