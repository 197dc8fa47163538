// Collector `perf`: its options, how counts are made of what the kernel gives, and the kernel's own events here.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "collectors/system/perf_events.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

using Lists = std::initializer_list<std::pair<std::string_view, std::vector<std::string>>>;

std::unique_ptr<Collector> make(std::string cpus, Lists lists = {}) {
  const CollectorSpec& spec = *find_collector("perf");
  Options options = Options::defaults(spec.options);
  options.set("cpus", {.text = std::move(cpus), .items = {}, .records = {}});
  for (const auto& [name, items] : lists) options.set(name, {.text = {}, .items = items, .records = {}});
  return spec.make(options);
}

TEST(Perf, RefusesWhatIsNoListOfCpus) {
  for (const char* text : {"x", "1-", "-1", "1-2:0", "1:2-3", "0-99999999", "1,,2x"})
    EXPECT_THROW(make(text), OptionError) << text;
  EXPECT_NO_THROW(make("0,2-6:2,4"));
}

TEST(Perf, RefusesUnknownProfilersAndTracepoints) {
  EXPECT_THROW(make("0", {{"hardware_profilers", {"Cycles"}}}), OptionError);
  EXPECT_THROW(make("0", {{"cache_profilers", {"PageFault"}}}), OptionError);
  for (const char* text : {"sched", "sched:", "a:b:c", "../..:x"})
    EXPECT_THROW(make("0", {{"tracepoint", {text}}}), OptionError);
  EXPECT_NO_THROW(make("0", {{"software_profilers", {"PageFault"}}}));
}

TEST(Perf, OfForeignTreesIsUnavailable) {
  FakeHost fake;
  EXPECT_EQ(run_collector(*make("0"), fake.host).result.error().code, Errc::unavailable);
}

// The kernel as a pipe for each CPU: what is put in is read once.
std::array<int, 2> pipes[3];
int errors[3];
int fake_open(perf_event_attr* attributes, int cpu) {
  EXPECT_EQ(attributes->read_format, std::uint64_t{PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING});
  if (errors[cpu] != 0) return -errors[cpu];
  return ::pipe2(pipes[cpu].data(), O_CLOEXEC | O_NONBLOCK) == 0 ? pipes[cpu][0] : -errno;
}
void give(int cpu, std::uint64_t value, std::uint64_t enabled, std::uint64_t running) {
  const std::array<std::uint64_t, 3> all = {value, enabled, running};
  ASSERT_EQ(::write(pipes[cpu][1], all.data(), sizeof all), static_cast<ssize_t>(sizeof all));
}

class PerfEventsTest : public testing::Test {
 protected:
  PerfEventsTest() {
    for (int cpu = 0; cpu < 3; ++cpu) {
      errors[cpu] = 0;
      events.add(static_cast<std::uint32_t>(cpu), {PERF_TYPE_SOFTWARE, 0}, 0);
    }
  }
  PerfEvents events{fake_open};
};

TEST_F(PerfEventsTest, TurnsAreStretchedOverTheirTime) {
  events.open(3, false);
  give(0, 100, 10, 10);
  events.read();
  EXPECT_EQ(events.all()[0].count, 100);
  give(0, 150, 30, 15);  // 50 in a quarter of the time
  events.read();
  EXPECT_EQ(events.all()[0].count, 300);
  EXPECT_FALSE(events.all()[1].known);
}

TEST_F(PerfEventsTest, WithoutATurnNothingIsKnown) {
  events.open(3, false);
  give(0, 0, 10, 0);
  events.read();
  EXPECT_FALSE(events.all()[0].known);
  give(0, 7, 20, 5);  // stands for all the 20
  events.read();
  EXPECT_EQ(events.all()[0].count, 28);
}

TEST_F(PerfEventsTest, ACpuThatComesBackCountsOn) {
  events.open(3, false);
  give(0, 100, 10, 10);
  events.read();
  ::close(pipes[0][1]);  // read() gives 0: its CPU went away
  events.read();
  EXPECT_EQ(events.all()[0].error, ENODEV);
  events.open(3, false);
  EXPECT_FALSE(events.all()[0].fd);
  events.open(3, true);
  give(0, 5, 1, 1);
  events.read();
  EXPECT_EQ(events.all()[0].count, 105);
}

TEST_F(PerfEventsTest, WhatIsMissingIsNotAskedForAgain) {
  errors[1] = EOPNOTSUPP;
  errors[2] = EACCES;
  events.open(3, false);
  errors[1] = errors[2] = 0;
  events.open(3, true);
  EXPECT_FALSE(events.all()[1].fd);
  EXPECT_TRUE(events.all()[2].fd);
}

TEST_F(PerfEventsTest, DescriptorsHaveALimit) {
  events.open(2, false);
  EXPECT_TRUE(events.all()[1].fd);
  EXPECT_EQ(events.all()[2].error, EMFILE);
}

TEST(RealPerf, CountsContextSwitchesOfThisCpu) {
  FakeClock clock;
  const Host host{.sysfs = open_directory("/sys"), .clock = &clock};
  const auto collector = make("", {{"software_profilers", {"ContextSwitch", "MinorFault"}}});
  const auto first = run_collector(*collector, host);
  if (!first.result || first.text.find("node_perf_context_switches_total{") == std::string::npos)
    GTEST_SKIP() << "no performance events here";
  for (int i = 0; i < 50; ++i) ::usleep(100);
  const auto run = run_collector(*collector, host);
  EXPECT_EQ(run.text.find("page_faults"), std::string::npos);
  double before = 0, after = 0;
  for (int cpu = 0; cpu < 1024; ++cpu) {
    const std::string series = "node_perf_context_switches_total{cpu=\"" + std::to_string(cpu) + "\"}";
    if (const auto value = sample(first.text, series)) before += std::stod(*value);
    if (const auto value = sample(run.text, series)) after += std::stod(*value);
  }
  EXPECT_GE(after - before, 50);
}

}  // namespace
}  // namespace vitalsd
