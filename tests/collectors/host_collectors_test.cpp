// How the host collectors react if the kernel lacks something, and what their options change.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/fakes/fake_host.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

class HostCollectors : public testing::Test, protected FakeHost {
 protected:
  using Settings = std::vector<std::pair<std::string, std::string>>;
  static std::unique_ptr<Collector> make(std::string_view name, const Settings& settings = {}) {
    const CollectorSpec* spec = find_collector(name);
    Options options = Options::defaults(spec->options);
    for (const auto& [option, value] : settings) options.set(option, {.text = value, .items = {}, .records = {}});
    return spec->make(options);
  }
  RunResult run(std::string_view name, const Settings& settings = {}) {
    return run_collector(*make(name, settings), host);
  }
  static bool has(const RunResult& run, const std::string& line) {
    return ("\n" + run.text).find("\n" + line + "\n") != std::string::npos;
  }
  static bool names(const RunResult& run, const std::string& text) { return run.text.find(text) != std::string::npos; }
};

TEST_F(HostCollectors, FailAsTheirFileDoes) {
  const std::vector<std::pair<std::string, std::string>> files = {
      {"loadavg", "loadavg"},
      {"cpu", "stat"},
      {"stat", "stat"},
      {"meminfo", "meminfo"},
      {"vmstat", "vmstat"},
      {"filefd", "sys/fs/file-nr"},
      {"netdev", "net/dev"},
      {"uptime", "uptime"},
      {"pressure", "pressure/memory"},
      {"entropy", "sys/kernel/random/poolsize"},
  };
  for (const auto& [collector, path] : files) {
    procfs->error(path, EIO);
    const RunResult io = run(collector);
    ASSERT_FALSE(io.result) << collector;
    EXPECT_EQ(io.result.error().code, Errc::io) << collector;
    procfs->error(path, EACCES);
    EXPECT_EQ(run(collector).result.error().code, Errc::denied) << collector;
  }
}

TEST_F(HostCollectors, RefuseNonsense) {
  for (const std::string path : {"loadavg", "stat", "meminfo", "vmstat", "sys/fs/file-nr", "net/dev", "uptime",
                                 "pressure/cpu", "sys/kernel/random/entropy_avail"}) {
    procfs->file(path, "?\n");
  }
  self->file("stat", "?");
  rootfs->file("etc/os-release", "?");
  for (const std::string collector : {"loadavg", "cpu", "stat", "meminfo", "vmstat", "filefd", "netdev", "uptime",
                                      "pressure", "entropy", "self", "os"}) {
    const RunResult run = this->run(collector);
    ASSERT_FALSE(run.result) << collector;
    EXPECT_EQ(run.result.error().code, Errc::malformed) << collector;
  }
}

TEST_F(HostCollectors, PressureGivesWhatThereIs) {
  procfs->file("pressure/cpu", "some avg10=0.00 total=1000000\n")
      .file("pressure/io", "some avg10=0.00 total=2000000\n");
  const RunResult run = this->run("pressure");
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(has(run, "node_pressure_cpu_waiting_seconds_total 1"));
  EXPECT_TRUE(has(run, "node_pressure_io_waiting_seconds_total 2"));
  EXPECT_FALSE(names(run, "io_stalled"));
  EXPECT_FALSE(names(run, "memory"));
}

TEST_F(HostCollectors, APressureThatCannotBeReadCostsItself) {
  procfs->file("pressure/cpu", "some avg10=0.00 total=1000000\n")
      .file("pressure/io", "?\n")
      .file("pressure/memory", "some total=3000000\n");
  procfs->error("pressure/memory", EIO);
  const RunResult run = this->run("pressure");
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(has(run, "node_pressure_cpu_waiting_seconds_total 1"));
  EXPECT_FALSE(names(run, "io_waiting"));
  EXPECT_FALSE(names(run, "memory_waiting"));
  ASSERT_EQ(run.faults.size(), 2U);
  EXPECT_EQ(run.faults[0].entity, "pressure/io");
  EXPECT_EQ(run.faults[1].entity, "pressure/memory");
  EXPECT_EQ(run.faults[1].code, Errc::io);
}

TEST_F(HostCollectors, PressureSwitchedOffIsUnavailable) {
  for (const std::string path : {"pressure/cpu", "pressure/io", "pressure/memory", "pressure/irq"})
    procfs->error(path, EOPNOTSUPP);
  const RunResult run = this->run("pressure");
  ASSERT_FALSE(run.result);
  EXPECT_EQ(run.result.error().code, Errc::unavailable);
  EXPECT_EQ(run.result.error().sys, EOPNOTSUPP);
}

TEST_F(HostCollectors, EntropyGivesWhatThereIs) {
  procfs->file("sys/kernel/random/entropy_avail", "256\n");
  const RunResult run = this->run("entropy");
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(has(run, "node_entropy_available_bits 256"));
  EXPECT_FALSE(names(run, "pool"));
}

TEST_F(HostCollectors, OneFileOfEntropyCostsItselfAlone) {
  procfs->file("sys/kernel/random/entropy_avail", "256\n").file("sys/kernel/random/poolsize", "?\n");
  const RunResult run = this->run("entropy");
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(has(run, "node_entropy_available_bits 256"));
  EXPECT_EQ(run.faults.size(), 1U);
}

TEST_F(HostCollectors, OneFileOfConntrackCostsItselfAlone) {
  procfs->file("sys/net/netfilter/nf_conntrack_count", "7\n").file("sys/net/netfilter/nf_conntrack_max", "\n");
  const RunResult run = this->run("conntrack");
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(has(run, "node_nf_conntrack_entries 7"));
  EXPECT_EQ(run.faults.size(), 1U);
}

TEST_F(HostCollectors, CountersAreNotNegative) {
  procfs->file("sys/kernel/hung_task_detect_count", "-1\n");
  EXPECT_FALSE(this->run("kernel_hung").result);
  procfs->file("net/xfrm_stat", "XfrmInError -5\nXfrmInBufferError 2\n");
  const RunResult run = this->run("xfrm");
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(has(run, "node_xfrm_in_buffer_error_packets_total 2"));
  EXPECT_FALSE(names(run, "in_error_packets"));
  EXPECT_EQ(run.faults.size(), 1U);
}

std::string pid1(const std::string& starttime) {
  return "1 (init) S 0 1 1 0 -1 0 0 0 0 0 1 2 3 4 20 0 1 0 " + starttime + " 5 6\n";
}

TEST_F(HostCollectors, UptimeKnowsAContainerByItsFirstProcess) {
  procfs->file("uptime", "1000.50 1.00\n");
  EXPECT_FALSE(names(run("uptime"), "container")) << "process 1 is not to be seen";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"29", ""},         // a machine: the kernel started it at once
      {"500", ""},        // a slow machine
      {"501", "995.49"},  // in a container
      {"100050", "0"},    // at this very moment
      {"100051", ""},     // after now: uptime has another clock
  };
  for (const auto& [starttime, seconds] : cases) {
    procfs->file("1/stat", pid1(starttime));
    const RunResult run = this->run("uptime");
    EXPECT_TRUE(has(run, "vitalsd_uptime_seconds 1000.5"));
    EXPECT_EQ(names(run, "container"), !seconds.empty()) << starttime;
    if (!seconds.empty()) {
      EXPECT_TRUE(has(run, "vitalsd_container_uptime_seconds " + seconds)) << run.text;
    }
  }
  host.units.ticks_per_second = 1000;
  procfs->file("1/stat", pid1("500500"));
  EXPECT_TRUE(has(run("uptime"), "vitalsd_container_uptime_seconds 500"));
}

TEST_F(HostCollectors, CpuTimesNeverStepBack) {
  const auto collector = make("cpu");
  procfs->file("stat", "cpu0 0 0 0 1000 200 0 0 0 0 0\n");
  EXPECT_TRUE(has(run_collector(*collector, host), "node_cpu_seconds_total{cpu=\"0\",mode=\"iowait\"} 2"));
  procfs->file("stat", "cpu0 0 0 0 1001 100 0 0 0 0 0\n");
  EXPECT_TRUE(has(run_collector(*collector, host), "node_cpu_seconds_total{cpu=\"0\",mode=\"iowait\"} 2"));
  procfs->file("stat", "cpu0 0 0 0 701 100 0 0 0 0 0\n");  // 3 s of idle time are gone: the CPU was away
  EXPECT_TRUE(has(run_collector(*collector, host), "node_cpu_seconds_total{cpu=\"0\",mode=\"iowait\"} 1"));
}

TEST_F(HostCollectors, CpuReportsOnlyCountedModes) {
  procfs->file("stat", "cpu0 100 200 300 400 500\n");
  const RunResult run = this->run("cpu");
  EXPECT_TRUE(has(run, "node_cpu_seconds_total{cpu=\"0\",mode=\"iowait\"} 5"));
  EXPECT_FALSE(names(run, "steal"));
  EXPECT_FALSE(names(run, "guest"));
}

TEST_F(HostCollectors, CpuOptions) {
  procfs->file("stat", "cpu0 100 200 300 400 500 600 700 800 900 1000\n");
  procfs->file("cpuinfo", "processor\t: 0\nmodel name\t: A \"B\"\ncpu MHz\t: 2000.5\nflags\t: aes avx\nbugs\t: mds\n");
  EXPECT_TRUE(has(run("cpu"), "node_cpu_guest_seconds_total{cpu=\"0\",mode=\"nice\"} 10"));
  EXPECT_FALSE(names(run("cpu"), "info"));
  EXPECT_FALSE(names(run("cpu", {{"guest", "false"}}), "guest"));
  const RunResult info = run("cpu", {{"info", "true"}});
  EXPECT_TRUE(names(info, "model_name=\"A \\\"B\\\"\""));
  EXPECT_TRUE(has(info, "node_cpu_frequency_hertz{package=\"\",core=\"\",cpu=\"0\"} 2000500000"));
  EXPECT_FALSE(names(info, "aes"));
  const RunResult flags = run("cpu", {{"info_flags_include", "^aes$"}});
  EXPECT_TRUE(has(flags, "node_cpu_flag_info{flag=\"aes\"} 1"));
  EXPECT_TRUE(names(flags, "node_cpu_info{"));
  EXPECT_FALSE(names(flags, "avx"));
  EXPECT_FALSE(names(flags, "mds"));
  EXPECT_TRUE(has(run("cpu", {{"info_bugs_include", "m"}}), "node_cpu_bug_info{bug=\"mds\"} 1"));
  EXPECT_THROW(make("cpu", {{"info_flags_include", "("}}), OptionError);
}

TEST_F(HostCollectors, CpuSeesHotplug) {
  procfs->file("stat", "cpu0 1 2 3 4\n");
  sysfs->file("devices/system/cpu/online", "0-1\n")
      .file("devices/system/cpu/cpu0/online", "1\n")
      .file("devices/system/cpu/cpu1/online", "1\n");
  sysfs->file("devices/system/cpu/isolated", "\n");
  sysfs->file("devices/system/cpu/cpu0/topology/core_id", "0\n")
      .file("devices/system/cpu/cpu0/topology/physical_package_id", "0\n");
  sysfs->file("devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "3\n");
  const auto collector = make("cpu");
  RunResult run = run_collector(*collector, host);
  EXPECT_TRUE(has(run, "node_cpu_online{cpu=\"1\"} 1"));
  EXPECT_TRUE(has(run, "node_cpu_core_throttles_total{package=\"0\",core=\"0\"} 3"));
  EXPECT_FALSE(names(run, "isolated"));
  sysfs->file("devices/system/cpu/online", "0\n")
      .file("devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "4\n");
  run = run_collector(*collector, host);
  EXPECT_TRUE(has(run, "node_cpu_online{cpu=\"0\"} 1"));
  EXPECT_TRUE(has(run, "node_cpu_online{cpu=\"1\"} 0"));
  EXPECT_TRUE(has(run, "node_cpu_core_throttles_total{package=\"0\",core=\"0\"} 4"));
  sysfs->file("devices/system/cpu/online", "0-1\n").error("devices/system/cpu", EIO);
  run_collector(*collector, host);
  sysfs->heal("devices/system/cpu");
  run = run_collector(*collector, host);
  EXPECT_TRUE(has(run, "node_cpu_online{cpu=\"1\"} 1")) << "looked for again: the last time it could not be listed";
  sysfs->remove("devices/system/cpu/cpu0/online");  // as on most machines, where the first CPU cannot be switched off
  EXPECT_FALSE(names(this->run("cpu"), "node_cpu_online"));
}

TEST_F(HostCollectors, StatOptions) {
  procfs->file("stat", "ctxt 1\nsoftirq 3 1 2\n");
  EXPECT_FALSE(names(run("stat"), "softirq"));
  EXPECT_TRUE(has(run("stat", {{"softirq", "true"}}), "node_softirqs_total{vector=\"timer\"} 2"));
  EXPECT_FALSE(names(run("stat", {{"softirq", "true"}}), "net_tx"));
}

TEST_F(HostCollectors, VmstatFields) {
  procfs->file("vmstat", "nr_free_pages 5\npgfault 6\n");
  EXPECT_FALSE(names(run("vmstat"), "nr_free_pages"));
  const RunResult free = run("vmstat", {{"fields", "^nr_"}});
  EXPECT_TRUE(has(free, "# TYPE node_vmstat_nr_free_pages untyped"));
  EXPECT_TRUE(has(free, "node_vmstat_nr_free_pages 5"));
  EXPECT_FALSE(names(free, "pgfault"));
  EXPECT_TRUE(names(run("vmstat", {{"fields", ""}}), "nr_free_pages"));
}

TEST_F(HostCollectors, FamiliesOutliveTheirCollector) {
  procfs->file("meminfo", "Strange: 7 kB\n");
  Block block;
  {
    const auto collector = make("meminfo");
    BlockSink sink(block);
    RecordingFaults faults;
    std::string buffer;
    CollectContext context{host, {}, clock.steady(), buffer, faults};
    ASSERT_TRUE(collector->collect(context, sink));
    block.finish();
  }
  EXPECT_EQ(block.groups()[0].family->name, "node_memory_Strange_bytes");
}

TEST_F(HostCollectors, NetdevFilters) {
  const std::string numbers = " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";
  procfs->file("net/dev", "a|b|c\na|b|c\n lo:" + numbers + "eth0:" + numbers);
  EXPECT_TRUE(has(run("netdev"), "node_network_transmit_colls_total{device=\"lo\"} 14"));
  const RunResult only = run("netdev", {{"device_include", "^eth"}});
  EXPECT_TRUE(names(only, "eth0"));
  EXPECT_FALSE(names(only, "\"lo\""));
  const RunResult without = run("netdev", {{"device_exclude", "^eth"}});
  EXPECT_FALSE(names(without, "eth0"));
  EXPECT_TRUE(names(without, "\"lo\""));
  EXPECT_THROW(make("netdev", {{"device_include", "a"}, {"device_exclude", "b"}}), OptionError);
}

TEST_F(HostCollectors, TimeNeedsNoClockSource) {
  const RunResult run = this->run("time");
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(has(run, "node_time_seconds 1700000000"));
  EXPECT_FALSE(names(run, "clocksource"));
}

TEST_F(HostCollectors, OsLooksInBothPlaces) {
  rootfs->file("usr/lib/os-release", "ID=vendor\nVERSION_ID=rolling\n");
  RunResult run = this->run("os");
  EXPECT_TRUE(names(run, "id=\"vendor\""));
  EXPECT_FALSE(names(run, "node_os_version"));
  rootfs->file("etc/os-release", "ID=local\nVERSION_ID=3.1\n");
  const auto collector = make("os");
  run = run_collector(*collector, host);
  EXPECT_TRUE(has(run, "node_os_version{id=\"local\",id_like=\"\",name=\"\"} 3.1"));
  rootfs->file("etc/os-release", "ID=local\nVERSION_ID=3.2\n");
  clock.advance(std::chrono::minutes(1));  // an upgrade is seen within a minute
  EXPECT_TRUE(has(run_collector(*collector, host), "node_os_version{id=\"local\",id_like=\"\",name=\"\"} 3.2"));
  rootfs->error("etc/os-release", EACCES);
  EXPECT_EQ(this->run("os").result.error().code, Errc::denied);
}

TEST_F(HostCollectors, SelfReportsWhatCanBeRead) {
  self->file("stat", "42 (vitalsd) S 1 42 42 0 -1 0 0 0 0 0 150 50 3 4 20 0 1 0 1000 4096 2\n");
  RunResult run = this->run("self");
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(has(run, "process_cpu_seconds_total 2"));
  EXPECT_TRUE(has(run, "process_resident_memory_bytes 8192"));
  for (const std::string family : {"start_time", "fds", "network", "max_bytes"})
    EXPECT_FALSE(names(run, family)) << family;
  self->file("limits", "?");
  run = this->run("self");
  ASSERT_EQ(run.faults.size(), 1U);
  EXPECT_EQ(run.faults[0].field, "limits");
}

TEST_F(HostCollectors, SelfLooksAtItsLimitsOnceAMinute) {
  const auto limits = [this](const std::string& files) {
    self->file("limits",
               "Limit                     Soft Limit           Hard Limit           Units\n"
               "Max open files            " +
                   files + "                 4096                 files\n");
  };
  self->file("stat", "42 (vitalsd) S 1 42 42 0 -1 0 0 0 0 0 150 50 3 4 20 0 1 0 1000 4096 2\n");
  limits("1024");
  const auto collector = make("self");
  EXPECT_TRUE(has(run_collector(*collector, host), "process_max_fds 1024"));
  limits("2048");
  clock.advance(std::chrono::seconds(59));
  EXPECT_TRUE(has(run_collector(*collector, host), "process_max_fds 1024"));
  clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(has(run_collector(*collector, host), "process_max_fds 2048"));
  self->error("limits", EACCES);
  clock.advance(std::chrono::minutes(1));
  EXPECT_FALSE(names(run_collector(*collector, host), "max_fds")) << "not what it was, and not 0";
}

TEST_F(HostCollectors, SelfKeepsItsStartBetweenClockChanges) {
  self->file("stat", "42 (vitalsd) S 1 42 42 0 -1 0 0 0 0 0 150 50 3 4 20 0 1 0 1000 4096 2\n");
  procfs->file("stat", "btime 5000\n");
  const auto collector = make("self");
  EXPECT_TRUE(has(run_collector(*collector, host), "process_start_time_seconds 5010"));
  procfs->file("stat", "btime 5001\n");
  clock.advance(std::chrono::hours(1));
  EXPECT_TRUE(has(run_collector(*collector, host), "process_start_time_seconds 5010"));

  class SetClock final : public Clock {
   public:
    std::chrono::system_clock::time_point now() const noexcept override {
      return before_.now() + std::chrono::hours(1);
    }
    std::chrono::steady_clock::time_point steady() const noexcept override { return before_.steady(); }

   private:
    FakeClock before_;
  } set;
  host.clock = &set;
  EXPECT_TRUE(has(run_collector(*collector, host), "process_start_time_seconds 5011"));
}

}  // namespace
}  // namespace vitalsd
