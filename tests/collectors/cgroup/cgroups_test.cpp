// The samples that the collector `cgroups` makes from trees of both versions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/fakes/fake_host.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

using testing::Test;

class CgroupsTest : public Test, protected FakeHost {
 protected:
  CgroupsTest() {
    host.units.ticks_per_second = 100;
    set("include", "");
  }
  void set(const std::string& option, const std::string& value) {
    Options options = Options::defaults(spec.options);
    if (!value.empty()) options.set(option, {.text = value, .items = {}, .records = {}});
    collector = spec.make(options);
  }
  /// A cgroup of version 2 with these files.
  void cgroup(const std::string& path, std::initializer_list<std::pair<std::string, std::string>> contents = {}) {
    const std::string directory = path.empty() ? "" : path + "/";
    cgroupfs->file(directory + "cgroup.procs", "");
    for (const auto& [name, text] : contents) cgroupfs->file(directory + name, text);
  }
  /// The exposition of one round.
  const std::string& round() {
    last = run_collector(*collector, host);
    EXPECT_TRUE(last.result) << describe(last.result.error());
    return last.text;
  }
  std::string value(const std::string& series) const { return sample(last.text, series).value_or("absent"); }

  const CollectorSpec& spec = *find_collector("cgroups");
  std::unique_ptr<Collector> collector;
  RunResult last;
};

TEST_F(CgroupsTest, WithoutCgroupsThereIsNothingToReport) {
  const RunResult run = run_collector(*collector, host);
  ASSERT_FALSE(run.result);
  EXPECT_EQ(run.result.error().code, Errc::unavailable);
}

TEST_F(CgroupsTest, TheWorkingSetIsNeverBelowNothing) {
  cgroup("");
  cgroup("a", {{"memory.current", "1000"}, {"memory.stat", "inactive_file 400\n"}});
  cgroup("b", {{"memory.current", "1000"}, {"memory.stat", "inactive_file 4000\n"}});
  cgroup("c", {{"memory.current", "1000"}});
  round();
  EXPECT_EQ(value("container_memory_working_set_bytes{id=\"/a\"}"), "600");
  EXPECT_EQ(value("container_memory_working_set_bytes{id=\"/b\"}"), "0");
  EXPECT_EQ(value("container_memory_working_set_bytes{id=\"/c\"}"), "absent") << "what could be dropped is not known";
  EXPECT_EQ(value("container_memory_usage_bytes{id=\"/\"}"), "absent");
}

TEST_F(CgroupsTest, WhatIsAboveLimitsToo) {
  cgroup("");
  cgroup("a", {{"cpu.max", "100000 100000"}, {"memory.max", "1000"}});
  cgroup("a/b", {{"cpu.max", "400000 100000"},
                 {"memory.max", "max"},
                 {"memory.current", "300"},
                 {"memory.stat", "inactive_file 0\n"}});
  cgroup("a/b/c", {{"cpu.max", "25000 50000"}, {"memory.max", "800"}});
  round();
  EXPECT_EQ(value("vitalsd_cgroup_cpu_limit_cores{id=\"/\"}"), "absent");
  EXPECT_EQ(value("vitalsd_cgroup_cpu_limit_cores{id=\"/a/b\"}"), "1");
  EXPECT_EQ(value("vitalsd_cgroup_cpu_limit_cores{id=\"/a/b/c\"}"), "0.5");
  EXPECT_EQ(value("vitalsd_cgroup_memory_limit_bytes{id=\"/a/b\"}"), "1000");
  EXPECT_EQ(value("vitalsd_cgroup_memory_limit_bytes{id=\"/a/b/c\"}"), "800");
  EXPECT_EQ(value("vitalsd_cgroup_memory_headroom_bytes{id=\"/a/b\"}"), "700");
  EXPECT_EQ(value("container_spec_memory_limit_bytes{id=\"/a/b\"}"), "absent") << "no limit is no number";
  EXPECT_EQ(value("container_spec_cpu_quota{id=\"/a\"}"), "100000");
}

TEST_F(CgroupsTest, WithoutAQuotaNothingIsThrottled) {
  const std::string stat = "usage_usec 1\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n";
  cgroup("");
  cgroup("free", {{"cpu.max", "max 100000"}, {"cpu.stat", stat}});
  cgroup("bound", {{"cpu.max", "1000 100000"}, {"cpu.stat", stat}});
  round();
  EXPECT_EQ(value("container_cpu_cfs_periods_total{id=\"/free\"}"), "absent");
  EXPECT_EQ(value("container_cpu_cfs_periods_total{id=\"/bound\"}"), "0");
}

TEST_F(CgroupsTest, ReportsTheThrottledShareSinceTheLastRound) {
  cgroup("");
  cgroup("a", {{"cpu.max", "1000 100000"}, {"cpu.stat", "nr_periods 100\nnr_throttled 90\n"}});
  round();
  EXPECT_EQ(value("vitalsd_cgroup_cpu_throttled_ratio{id=\"/a\"}"), "absent") << "of what was before nothing is known";
  cgroupfs->file("a/cpu.stat", "nr_periods 110\nnr_throttled 94\n");
  round();
  EXPECT_EQ(value("vitalsd_cgroup_cpu_throttled_ratio{id=\"/a\"}"), "0.4");
  round();
  EXPECT_EQ(value("vitalsd_cgroup_cpu_throttled_ratio{id=\"/a\"}"), "0") << "it did not run";
}

TEST_F(CgroupsTest, ReportsWhenTheLimitIsReached) {
  cgroup("", {});
  cgroup("a", {{"memory.max", "1000"}, {"memory.stat", "inactive_file 0\n"}});
  const auto grow_to = [this](int bytes) {
    cgroupfs->file("a/memory.current", std::to_string(bytes));
    round();
    clock.advance(std::chrono::seconds(10));
    return value("vitalsd_cgroup_memory_limit_reached_seconds{id=\"/a\"}");
  };
  EXPECT_EQ(grow_to(100), "absent");
  EXPECT_EQ(grow_to(200), "80");
  EXPECT_EQ(grow_to(300), "70");
  for (int i = 0; i < 6; ++i) grow_to(300);
  EXPECT_EQ(grow_to(300), "absent") << "it has stopped growing";
  EXPECT_EQ(grow_to(290), "absent");
  EXPECT_EQ(grow_to(1000), "0");
}

TEST_F(CgroupsTest, AddsUpProcessesAndFindsTheOldest) {
  procfs->file("stat", "cpu 1 2 3\nbtime 1700000000\n");
  const auto process = [this](int pid, int start) {
    procfs->file(std::to_string(pid) + "/stat", std::to_string(pid) +
                                                    " (x) S 1 1 1 0 -1 0 31 0 32 0 250 75 0 0 20 0 1 0 " +
                                                    std::to_string(start) + " 409600 9\n");
  };
  process(7, 5000);
  process(8, 3000);
  process(9, 9000);
  cgroup("");
  cgroup("a");
  cgroup("a/b", {{"cgroup.procs", "7\n8\n"}});
  cgroup("a/c", {{"cgroup.procs", "9\n0\n"}});
  cgroup("empty");
  round();
  EXPECT_EQ(value("container_processes{id=\"/a\"}"), "4");
  EXPECT_EQ(value("container_processes{id=\"/a/b\"}"), "2");
  EXPECT_EQ(value("container_processes{id=\"/empty\"}"), "0");
  EXPECT_EQ(value("container_start_time_seconds{id=\"/a/b\"}"), "1700000030");
  EXPECT_EQ(value("container_start_time_seconds{id=\"/a/c\"}"), "1700000090");
  EXPECT_EQ(value("container_start_time_seconds{id=\"/a\"}"), "1700000030");
  EXPECT_EQ(value("container_start_time_seconds{id=\"/empty\"}"), "absent");
  process(8, 9999);  // another process: the start of the cgroup stays the same
  round();
  EXPECT_EQ(value("container_start_time_seconds{id=\"/a/b\"}"), "1700000030");
}

TEST_F(CgroupsTest, TheRootOfVersion2UsesItsStat) {
  cgroup("", {{"memory.stat", "anon 1000\nfile 500\ninactive_file 200\n"}});
  cgroup("a", {{"memory.stat", "anon 1000\nfile 500\ninactive_file 200\n"}});
  round();
  EXPECT_EQ(value("container_memory_usage_bytes{id=\"/\"}"), "1500");
  EXPECT_EQ(value("container_memory_working_set_bytes{id=\"/\"}"), "1300");
  EXPECT_EQ(value("container_memory_usage_bytes{id=\"/a\"}"), "absent") << "the kernel reports that of others";
}

TEST_F(CgroupsTest, TheMachineIsReportedWhereAllIsVisible) {
  procfs->file("meminfo", "MemTotal: 4 kB\nMemFree: 1 kB\nSwapTotal: 2 kB\n");
  sysfs->file("devices/system/cpu/online", "0-2,5\n");
  cgroup("", {{"cgroup.events", "populated 1\n"}});
  round();
  EXPECT_EQ(value("machine_memory_bytes"), "absent") << "each pod would count it again";
  cgroupfs->remove("cgroup.events");
  set("include", "");
  round();
  EXPECT_EQ(value("machine_memory_bytes"), "4096");
  EXPECT_EQ(value("machine_swap_bytes"), "2048");
  EXPECT_EQ(value("machine_cpu_cores"), "4");
  sysfs->file("devices/system/cpu/online", "?\n");
  procfs->remove("meminfo");
  round();
  EXPECT_EQ(value("machine_memory_bytes"), "absent");
  EXPECT_EQ(value("machine_cpu_cores"), "absent");
  ASSERT_EQ(last.faults.size(), 1U) << "a file that is not there is no fault";
  EXPECT_EQ(last.faults[0].field, "cpu/online");
  cgroupfs->remove("");
  cgroupfs->file("memory/cgroup.procs", "").file("memory/release_agent", "");
  procfs->file("meminfo", "MemTotal: 4 kB\n");
  set("include", "");
  round();
  EXPECT_EQ(value("machine_memory_bytes"), "4096") << "of version 1, too";
}

TEST_F(CgroupsTest, ForgetsWhatGoesAway) {
  cgroup("");
  cgroup("a", {{"memory.current", "1"}});
  cgroup("b", {{"memory.current", "2"}});
  round();
  EXPECT_EQ(value("vitalsd_cgroups{version=\"2\"}"), "3");
  cgroupfs->remove("a/");
  cgroupfs->error("b/cgroup.procs", ENODEV);  // it is removed while it is read
  round();
  EXPECT_EQ(value("container_memory_usage_bytes{id=\"/a\"}"), "absent");
  EXPECT_EQ(value("container_memory_usage_bytes{id=\"/b\"}"), "absent");
  EXPECT_EQ(value("vitalsd_cgroups{version=\"2\"}"), "1");
}

TEST_F(CgroupsTest, ReportsWhatTheFiltersLetThrough) {
  cgroup("");
  cgroup("a", {{"memory.max", "100"}});
  cgroup("a/b", {{"memory.current", "1"}});
  cgroup("c", {{"memory.current", "1"}});
  set("include", "^/a/");
  cgroupfs->forget_reads();
  round();
  EXPECT_EQ(value("vitalsd_cgroups{version=\"2\"}"), "1");
  EXPECT_EQ(value("vitalsd_cgroup_memory_limit_bytes{id=\"/a/b\"}"), "100") << "of one that is not reported";
  EXPECT_EQ(value("container_memory_usage_bytes{id=\"/c\"}"), "absent");
  EXPECT_EQ(std::ranges::count(cgroupfs->reads(), "c/memory.current"), 0) << "nobody wants it";
}

TEST_F(CgroupsTest, LooksAtNoMoreThanItsBounds) {
  cgroup("");
  for (const char* path : {"a", "b", "c", "a/x", "a/x/y"}) cgroup(path);
  set("max_cgroups", "3");
  round();
  EXPECT_EQ(value("vitalsd_cgroups{version=\"2\"}"), "3");
  EXPECT_NE(value("vitalsd_cgroups_left_out"), "0");
  set("max_depth", "1");
  round();
  EXPECT_EQ(value("vitalsd_cgroups{version=\"2\"}"), "4");
  EXPECT_EQ(value("vitalsd_cgroups_left_out"), "1");
}

TEST_F(CgroupsTest, LeavesOutAndReportsWhatIsUnreadable) {
  cgroup("");
  cgroup("a", {{"memory.current", "1"}, {"memory.stat", "anon"}, {"io.stat", "8:0 rbytes=1\n"}});
  cgroupfs->error("a/io.stat", EACCES);
  round();
  EXPECT_EQ(value("container_memory_usage_bytes{id=\"/a\"}"), "1");
  ASSERT_EQ(last.faults.size(), 2U);
  EXPECT_EQ(last.faults[0].code, Errc::denied);
  EXPECT_EQ(last.faults[1].entity, "/a");
  EXPECT_EQ(last.faults[1].field, "memory.stat");
  EXPECT_EQ(last.faults[1].code, Errc::malformed);
}

TEST_F(CgroupsTest, Version1IsReadFromItsHierarchies) {
  for (const char* controller : {"memory", "cpu,cpuacct", "pids", "blkio", "unified"}) {
    for (const char* path : {"", "docker/"}) cgroupfs->file(std::string(controller) + "/" + path + "cgroup.procs", "");
  }
  cgroupfs->file("memory/only/cgroup.procs", "");
  cgroupfs->file("memory/docker/memory.usage_in_bytes", "5000\n")
      .file("memory/docker/memory.limit_in_bytes", "9223372036854771712\n")
      .file("memory/docker/memory.failcnt", "3\n")
      .file("memory/docker/memory.stat",
            "cache 1\ntotal_cache 2\ntotal_rss 30\ntotal_inactive_file 1000\npgfault 4\ntotal_pgfault 9\n")
      .file("memory/docker/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
      .file("cpu,cpuacct/docker/cpuacct.usage", "2500000000\n")
      .file("cpu,cpuacct/docker/cpuacct.stat", "user 150\nsystem 50\n")
      .file("cpu,cpuacct/docker/cpu.cfs_quota_us", "50000\n")
      .file("cpu,cpuacct/docker/cpu.cfs_period_us", "100000\n")
      .file("cpu,cpuacct/docker/cpu.shares", "1024\n")
      .file("cpu,cpuacct/docker/cpu.stat", "nr_periods 10\nnr_throttled 5\nthrottled_time 1500000000\n")
      .file("cpu,cpuacct/cpu.cfs_quota_us", "-1\n")
      .file("cpu,cpuacct/cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n")
      .file("pids/docker/pids.current", "7\n")
      .file("pids/docker/pids.max", "max\n")
      .file("blkio/docker/blkio.throttle.io_service_bytes_recursive", "8:0 Read 10\n8:0 Write 20\nTotal 30\n")
      .file("unified/docker/cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\n");
  round();
  const std::string of = "{id=\"/docker\"}";
  EXPECT_EQ(value("container_memory_usage_bytes" + of), "5000");
  EXPECT_EQ(value("container_memory_working_set_bytes" + of), "4000");
  EXPECT_EQ(value("container_spec_memory_limit_bytes" + of), "absent");
  EXPECT_EQ(value("container_memory_failcnt" + of), "3");
  EXPECT_EQ(value("container_memory_cache" + of), "2");
  EXPECT_EQ(value("container_oom_events_total" + of), "2");
  EXPECT_EQ(value("container_memory_failures_total{id=\"/docker\",failure_type=\"pgfault\",scope=\"container\"}"), "4");
  EXPECT_EQ(value("container_cpu_usage_seconds_total{id=\"/docker\",cpu=\"total\"}"), "2.5");
  EXPECT_EQ(value("container_cpu_user_seconds_total" + of), "1.5");
  EXPECT_EQ(value("container_cpu_cfs_throttled_seconds_total" + of), "1.5");
  EXPECT_EQ(value("container_cpu_cfs_periods_total" + of), "10");
  EXPECT_EQ(value("container_cpu_cfs_periods_total{id=\"/\"}"), "absent") << "without a quota there are none";
  EXPECT_EQ(value("vitalsd_cgroup_cpu_limit_cores" + of), "0.5");
  EXPECT_EQ(value("vitalsd_cgroup_cpu_limit_cores{id=\"/\"}"), "absent");
  EXPECT_EQ(value("container_spec_cpu_shares" + of), "1024");
  EXPECT_EQ(value("container_threads" + of), "7");
  EXPECT_EQ(value("container_threads_max" + of), "absent");
  EXPECT_EQ(value("container_fs_writes_bytes_total{id=\"/docker\",device=\"8:0\"}"), "20");
  EXPECT_EQ(value("container_pressure_cpu_waiting_seconds_total" + of), "1");
  EXPECT_EQ(value("vitalsd_cgroups{version=\"1\"}"), "3") << "each once, however many hierarchies it is in";
}

TEST_F(CgroupsTest, NamesThePodWhenAsked) {
  for (const char* name : {"POD_NAMESPACE", "NODE_NAME", "CONTAINER_NAME"}) ::unsetenv(name);
  ::setenv("POD_NAME", "web-1", 1);
  cgroup("", {{"memory.current", "1"}});
  round();
  EXPECT_EQ(value("container_memory_usage_bytes{id=\"/\"}"), "1");
  set("downward_api", "true");
  round();
  EXPECT_EQ(value("container_memory_usage_bytes{id=\"/\",pod=\"web-1\"}"), "1");
  ::unsetenv("POD_NAME");
}

}  // namespace
}  // namespace vitalsd
