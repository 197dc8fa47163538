// /proc/stat and /proc/cpuinfo, and the times that never step back.
#include "collectors/formats/proc_stat.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "collectors/cpu/steady_ticks.h"
#include "collectors/formats/cpuinfo.h"

namespace vitalsd {
namespace {

TEST(ProcStat, ReadsEachCpuButNotTheirSum) {
  std::vector<CpuTicks> cpus;
  ASSERT_TRUE(proc_stat::parse_cpus(
      "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 11 12 13 14 15 16 17 18 19 20\ncpu65 1 2 3 4\nintr 9\ncpu7 1 2 3 4\n", cpus));
  ASSERT_EQ(cpus.size(), 2U);
  EXPECT_EQ(cpus[0].cpu, 0U);
  EXPECT_EQ(cpus[0].modes, 10);
  EXPECT_EQ(cpus[0].ticks, (std::array<std::uint64_t, 10>{11, 12, 13, 14, 15, 16, 17, 18, 19, 20}));
  EXPECT_EQ(cpus[1].cpu, 65U);
  EXPECT_EQ(cpus[1].modes, 4);
}

TEST(ProcStat, TakesNoMoreModesThanItKnows) {
  std::vector<CpuTicks> cpus;
  ASSERT_TRUE(proc_stat::parse_cpus("cpu0 1 2 3 4 5 6 7 8 9 10 11 12\n", cpus));
  EXPECT_EQ(cpus[0].modes, 10);
}

TEST(ProcStat, RefusesBadCpus) {
  using namespace std::string_literals;
  std::vector<CpuTicks> cpus;
  for (const std::string& text :
       {""s, "intr 1\n"s, "cpu  1 2 3 4\n"s, "cpu0\n"s, "cpu0 1 2 3\n"s, "cpu0 1 2 3 x\n"s, "cpu0 1 2 3 -4\n"s,
        "cpux 1 2 3 4\n"s, "cpu4294967296 1 2 3 4\n"s, "cpu0 1 2 3 18446744073709551616\n"s, "cpu0 1 2 3 4\0\n"s,
        "cpu0 1 2 3 4\ncpu1 1 2"s}) {
    EXPECT_FALSE(proc_stat::parse_cpus(text, cpus)) << text;
  }
}

TEST(ProcStat, ReadsTotals) {
  const auto totals = proc_stat::parse_totals(
      "cpu0 1 2 3 4\nintr 100 1 2 3\nctxt 200\nbtime 300\nprocesses 400\nprocs_running 5\nprocs_blocked 6\nsoftirq 55 "
      "1 2 3 4 5 6 7 8 9 10 11\n");
  ASSERT_TRUE(totals);
  EXPECT_EQ(totals->interrupts, 100U);
  EXPECT_EQ(totals->context_switches, 200U);
  EXPECT_EQ(totals->boot_time, 300U);
  EXPECT_EQ(totals->forks, 400U);
  EXPECT_EQ(totals->running, 5U);
  EXPECT_EQ(totals->blocked, 6U);
  EXPECT_EQ(totals->vectors, 10U);
  EXPECT_EQ(totals->softirqs, (std::array<std::uint64_t, 10>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST(ProcStat, LeavesOutWhatAKernelLacks) {
  const auto totals = proc_stat::parse_totals("ctxt 200\nfuture thing x\n\nsoftirq 3 1 2\n");
  ASSERT_TRUE(totals);
  EXPECT_FALSE(totals->interrupts);
  EXPECT_EQ(totals->context_switches, 200U);
  EXPECT_EQ(totals->vectors, 2U);
}

TEST(ProcStat, RefusesBadTotals) {
  for (const std::string text : {"", "cpu0 1 2 3 4\n", "ctxt\n", "ctxt \n5\n", "ctxt x\n", "ctxt -1\n",
                                 "btime 18446744073709551616\n", "ctxt 1\nsoftirq\n", "ctxt 1\nsoftirq 1 x\n"}) {
    EXPECT_FALSE(proc_stat::parse_totals(text)) << text;
  }
}

CpuTicks cpu(std::uint32_t number, std::uint64_t idle, std::uint64_t iowait) {
  CpuTicks ticks{.cpu = number, .modes = 10};
  ticks.ticks[CpuTicks::idle] = idle;
  ticks.ticks[CpuTicks::iowait] = iowait;
  return ticks;
}

TEST(SteadyTicks, HoldWhatSteppedBack) {
  SteadyTicks steady;
  const std::vector first = {cpu(0, 1000, 50), cpu(1, 2000, 60)};
  ASSERT_EQ(steady.update(first, 300).size(), 2U);
  const std::vector second = {cpu(0, 701, 40), cpu(1, 2001, 59)};  // 299 back: just within
  const auto held = steady.update(second, 300);
  EXPECT_EQ(held[0].ticks[CpuTicks::idle], 1000U);
  EXPECT_EQ(held[0].ticks[CpuTicks::iowait], 50U);
  EXPECT_EQ(held[1].ticks[CpuTicks::idle], 2001U);
  EXPECT_EQ(held[1].ticks[CpuTicks::iowait], 60U);
  const std::vector third = {cpu(0, 990, 51), cpu(1, 2002, 58)};
  const auto still = steady.update(third, 300);
  EXPECT_EQ(still[0].ticks[CpuTicks::idle], 1000U);
  EXPECT_EQ(still[0].ticks[CpuTicks::iowait], 51U);
  EXPECT_EQ(still[1].ticks[CpuTicks::iowait], 60U);
}

TEST(SteadyTicks, CountAnewAfterHotplug) {
  SteadyTicks steady;
  const std::vector both = {cpu(0, 1000, 50), cpu(1, 2000, 60)};
  steady.update(both, 300);
  const std::vector back = {cpu(0, 700, 10), cpu(1, 2000, 60)};  // 300 back: switched off and on
  EXPECT_EQ(steady.update(back, 300)[0].ticks[CpuTicks::iowait], 10U);

  const std::vector one = {cpu(1, 2100, 61)};
  const auto left = steady.update(one, 300);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].cpu, 1U);
  const std::vector again = {cpu(0, 5, 1), cpu(1, 2090, 61)};  // its old times are forgotten, the other's are found
  const auto fresh = steady.update(again, 300);
  EXPECT_EQ(fresh[0].ticks[CpuTicks::idle], 5U);
  EXPECT_EQ(fresh[1].ticks[CpuTicks::idle], 2100U);
}

TEST(Cpuinfo, ReadsX86) {
  std::vector<CpuInfo> cpus;
  ASSERT_TRUE(cpuinfo::parse(
      "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 142\nmodel name\t: Intel(R): "
      "x\nstepping\t: 10\n"
      "microcode\t: 0xb4\ncpu MHz\t\t: 799.998\ncache size\t: 8192 KB\nphysical id\t: 1\ncore id\t\t: 2\n"
      "flags\t\t: fpu vme\nbugs\t\t:\npower management:\n\nprocessor\t: 1\n\n",
      cpus));
  ASSERT_EQ(cpus.size(), 2U);
  EXPECT_EQ(cpus[0].processor, "0");
  EXPECT_EQ(cpus[0].vendor, "GenuineIntel");
  EXPECT_EQ(cpus[0].family, "6");
  EXPECT_EQ(cpus[0].model, "142");
  EXPECT_EQ(cpus[0].model_name, "Intel(R): x");
  EXPECT_EQ(cpus[0].stepping, "10");
  EXPECT_EQ(cpus[0].microcode, "0xb4");
  EXPECT_EQ(cpus[0].megahertz, 799.998);
  EXPECT_EQ(cpus[0].cache_size, "8192 KB");
  EXPECT_EQ(cpus[0].package, "1");
  EXPECT_EQ(cpus[0].core, "2");
  EXPECT_EQ(cpus[0].flags, "fpu vme");
  EXPECT_EQ(cpus[0].bugs, "");
  EXPECT_EQ(cpus[1].processor, "1");
  EXPECT_EQ(cpus[1].vendor, "");
  EXPECT_TRUE(std::isnan(cpus[1].megahertz));
}

TEST(Cpuinfo, ReadsOtherArchitectures) {
  std::vector<CpuInfo> cpus;
  ASSERT_TRUE(cpuinfo::parse("processor\t: 0\ncpu\t\t: POWER7\nclock\t\t: 3550.000000MHz\n", cpus));
  EXPECT_EQ(cpus[0].vendor, "POWER7");
  EXPECT_EQ(cpus[0].megahertz, 3550);
  ASSERT_TRUE(cpuinfo::parse("processor\t: 3\nBogoMIPS\t: 48.00\nFeatures\t: fp asimd\n", cpus));
  EXPECT_EQ(cpus[0].flags, "fp asimd");
  ASSERT_TRUE(cpuinfo::parse("processor\t: 0\nhart\t\t: 4\nisa\t\t: rv64imafdc\n", cpus));
  EXPECT_EQ(cpus[0].core, "4");
  EXPECT_EQ(cpus[0].model_name, "rv64imafdc");
}

TEST(Cpuinfo, RefusesTheRest) {
  std::vector<CpuInfo> cpus;
  for (const std::string text : {"", "\n\n", "model : 1\n", "processor\n", "processor :\n", "processor : x\n",
                                 "processor : 0\nprocessor : -1\n", "processor 0: version = FF\n"}) {
    EXPECT_FALSE(cpuinfo::parse(text, cpus)) << text;
  }
  ASSERT_TRUE(cpuinfo::parse("processor : 0\ncpu MHz : nan\n", cpus));
  EXPECT_TRUE(std::isnan(cpus[0].megahertz));
  ASSERT_TRUE(cpuinfo::parse("processor : 0\ncpu MHz : 0.000\n", cpus));
  EXPECT_TRUE(std::isnan(cpus[0].megahertz));
}

}  // namespace
}  // namespace vitalsd
