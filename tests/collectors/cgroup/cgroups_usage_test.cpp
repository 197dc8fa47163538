// Rounds at short intervals: each reads the usage, and the rest only when it is old.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "tests/fakes/fake_host.h"
#include "tests/fakes/real_tree.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

class CgroupsUsage : public testing::Test, protected FakeHost {
 protected:
  CgroupsUsage() {
    host.units.ticks_per_second = 100;
    const CollectorSpec& spec = *find_collector("cgroups");
    collector = spec.make(Options::defaults(spec.options));
    cgroupfs->file("cgroup.procs", "");
  }
  void cgroup(const std::string& path, std::initializer_list<std::pair<std::string, std::string>> contents) {
    cgroupfs->file(path + "/cgroup.procs", "");
    for (const auto& [name, text] : contents) cgroupfs->file(path + "/" + name, text);
  }
  /// Does a round after this time, in which values that were read within a second may be published again.
  void round_after(std::chrono::nanoseconds time) {
    clock.advance(time);
    cgroupfs->forget_reads();
    last = run_collector(*collector, host, 1s);
    EXPECT_TRUE(last.result) << describe(last.result.error());
  }
  bool was_read(const std::string& path) const {
    return std::ranges::find(cgroupfs->reads(), path) != cgroupfs->reads().end();
  }
  std::string value(const std::string& family, const std::string& id = "/a") const {
    return sample(last.text, family + "{id=\"" + id + "\"}").value_or("absent");
  }

  std::unique_ptr<Collector> collector;
  RunResult last;
};

TEST_F(CgroupsUsage, IsReadEachRoundTheRestWhenOld) {
  cgroup("a",
         {{"memory.current", "1"}, {"memory.max", "10"}, {"pids.current", "3"}, {"cpu.stat", "user_usec 1000000"}});
  round_after(0s);
  cgroupfs->file("a/memory.current", "2").file("a/memory.max", "20").file("a/cpu.stat", "user_usec 2000000");
  round_after(100ms);
  EXPECT_EQ(value("container_memory_usage_bytes"), "2");
  EXPECT_EQ(value("container_cpu_user_seconds_total"), "2");
  EXPECT_EQ(value("container_spec_memory_limit_bytes"), "10");
  EXPECT_EQ(value("vitalsd_cgroup_memory_limit_bytes"), "10");
  EXPECT_EQ(value("container_threads"), "3");
  EXPECT_TRUE(was_read("a/pids.current"));
  EXPECT_FALSE(was_read("a/memory.max"));
  EXPECT_FALSE(was_read("a/cgroup.procs"));
  round_after(899ms);
  EXPECT_EQ(value("container_spec_memory_limit_bytes"), "10");
  round_after(1ms);
  EXPECT_EQ(value("container_spec_memory_limit_bytes"), "20") << "it is a second old";
}

TEST_F(CgroupsUsage, MatchesAWholeRound) {
  cgroup("a", {{"cgroup.procs", "7\n8\n"},
               {"memory.current", "1"},
               {"io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4"},
               {"cpu.max", "1000 100000"},
               {"cpu.stat", "nr_periods 5\nnr_throttled 1\n"},
               {"memory.stat", "pgfault 9\n"}});
  cgroup("a/b", {{"cgroup.procs", "9\n"}, {"memory.events", "max 3\n"}});
  round_after(0s);
  round_after(0s);  // the share of throttled periods needs two rounds
  const auto timeless = [this] { return std::regex_replace(last.text, std::regex("container_last_seen\\{.*"), ""); };
  const std::string between = timeless();
  EXPECT_EQ(value("container_processes"), "3") << "added up once";
  const double seen = std::stod(value("container_last_seen"));
  round_after(1s);
  EXPECT_EQ(timeless(), between);
  EXPECT_EQ(std::stod(value("container_last_seen")), seen + 1);
}

TEST_F(CgroupsUsage, ThatIsGoneIsAbsentAtOnce) {
  cgroup("a", {{"memory.current", "1"}, {"pids.current", "3"}});
  round_after(0s);
  cgroupfs->remove("a/memory.current");
  round_after(100ms);
  EXPECT_EQ(value("container_memory_usage_bytes"), "absent");
  EXPECT_EQ(value("container_threads"), "3");
}

TEST_F(CgroupsUsage, ThatWasMissingIsReadWithTheRest) {
  cgroup("a", {{"memory.current", "1"}});
  round_after(0s);
  cgroupfs->file("a/pids.current", "3");
  round_after(100ms);
  EXPECT_FALSE(was_read("a/pids.current"));
  EXPECT_EQ(value("container_threads"), "absent");
  round_after(900ms);
  EXPECT_EQ(value("container_threads"), "3");
}

TEST_F(CgroupsUsage, OfNewCgroupsComesWithTheRest) {
  cgroup("a", {{"memory.current", "1"}});
  round_after(0s);
  cgroup("b", {{"memory.current", "2"}, {"memory.max", "20"}});
  round_after(100ms);
  EXPECT_FALSE(was_read(".")) << "nor are they looked for";
  round_after(900ms);
  EXPECT_EQ(value("container_spec_memory_limit_bytes", "/b"), "20");
  round_after(100ms);
  cgroupfs->remove("a/");
  round_after(100ms);
  EXPECT_EQ(value("container_memory_usage_bytes"), "absent");
  round_after(100ms);
  cgroupfs->error("b/memory.current", ENODEV).error("b/cgroup.procs", ENODEV);  // it is removed while it is read
  round_after(100ms);
  EXPECT_EQ(value("vitalsd_cgroups", "/b"), "absent");
  EXPECT_EQ(value("container_spec_memory_limit_bytes", "/b"), "absent");
}

TEST_F(CgroupsUsage, OfARecreatedCgroupStartsAfresh) {
  cgroupfs->inode("a", 10);
  procfs->file("stat", "cpu 1 2 3\nbtime 1000\n");
  const auto started = [this](int pid, const std::string& ticks) {
    cgroup("a", {{"cgroup.procs", std::to_string(pid) + "\n"}, {"memory.max", std::to_string(pid)}});
    procfs->file(std::to_string(pid) + "/stat",
                 std::to_string(pid) + " (x) S 1 1 1 0 -1 0 31 0 32 0 250 75 0 0 20 0 1 0 " + ticks + " 409600 9\n");
  };
  started(7, "100");
  round_after(0s);
  EXPECT_EQ(value("container_start_time_seconds"), "1001");
  started(8, "300");
  cgroupfs->inode("a", 11);
  round_after(1s);
  EXPECT_EQ(value("container_start_time_seconds"), "1003");
  EXPECT_EQ(value("container_spec_memory_limit_bytes"), "8");
}

TEST_F(CgroupsUsage, ReportsKillsWithoutTheRest) {
  cgroup("a", {{"memory.events", "oom_kill 0\n"}});
  round_after(0s);
  cgroupfs->file("a/memory.events", "oom_kill 2\n");
  round_after(100ms);
  EXPECT_EQ(last.events,
            (std::vector<RecordedEvent>{{EventKind::oom_kill, "/a", "2 processes killed: out of memory"}}));
  round_after(100ms);
  EXPECT_TRUE(last.events.empty());
}

TEST_F(CgroupsUsage, AfterAFailedRoundAllIsReadAgain) {
  cgroup("a", {{"memory.current", "1"}, {"memory.max", "10"}});
  round_after(0s);
  cgroupfs->error(".", EIO);
  EXPECT_FALSE(run_collector(*collector, host, 0s).result);
  cgroupfs->heal(".");
  cgroupfs->file("a/memory.max", "20");
  round_after(100ms);
  EXPECT_EQ(value("container_spec_memory_limit_bytes"), "20");
}

class CgroupsOnDisk : public RealTree {};

TEST_F(CgroupsOnDisk, LongFilesAreReadToTheirEnd) {
  const std::string last_line = "pgfault 77\n";
  for (const std::size_t before : {4075U, 4084U, 4085U, 4086U, 4095U, 4096U, 9000U}) {
    std::string stat = "anon 1\n";
    stat += std::string(before - stat.size() - 3, 'k') + " 1\n";
    ASSERT_EQ(stat.size(), before);
    write("cgroup/cgroup.procs", "");
    write("cgroup/memory.stat", stat + last_line);
    make("cgroups", {});
    round();
    EXPECT_EQ(value("container_memory_failures_total{id=\"/\",failure_type=\"pgfault\",scope=\"hierarchy\"}"), "77")
        << "behind " << before << " bytes";
  }
}

}  // namespace
}  // namespace vitalsd
