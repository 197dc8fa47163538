// /proc/stat and /proc/cpuinfo, and times that never step back.
#include "collectors/formats/proc_stat.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "collectors/cpu/steady_ticks.h"
#include "collectors/formats/cpuinfo.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

NoFaults no_faults;

TEST(ProcStat, ReadsEachCpuButNotTheirSum) {
  std::vector<CpuTicks> cpus;
  ASSERT_TRUE(proc_stat::parse_cpus(
      "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 11 12 13 14 15 16 17 18 19 20\ncpu65 1 2 3 4\nintr 9\ncpu7 1 2 3 4\n", cpus,
      no_faults));
  ASSERT_EQ(cpus.size(), 2U);
  EXPECT_EQ(cpus[0].cpu, 0U);
  EXPECT_EQ(cpus[0].modes, 10);
  EXPECT_EQ(cpus[0].ticks, (std::array<std::uint64_t, 10>{11, 12, 13, 14, 15, 16, 17, 18, 19, 20}));
  EXPECT_EQ(cpus[1].cpu, 65U);
  EXPECT_EQ(cpus[1].modes, 4);
}

TEST(ProcStat, TakesNoMoreModesThanItKnows) {
  std::vector<CpuTicks> cpus;
  ASSERT_TRUE(proc_stat::parse_cpus("cpu0 1 2 3 4 5 6 7 8 9 10 11 12\n", cpus, no_faults));
  EXPECT_EQ(cpus[0].modes, 10);
}

TEST(ProcStat, RefusesBadCpus) {
  using namespace std::string_literals;
  std::vector<CpuTicks> cpus;
  for (const std::string& text :
       {""s, "intr 1\n"s, "cpu  1 2 3 4\n"s, "cpu0\n"s, "cpu0 1 2 3\n"s, "cpu0 1 2 3 x\n"s, "cpu0 1 2 3 -4\n"s,
        "cpux 1 2 3 4\n"s, "cpu4294967296 1 2 3 4\n"s, "cpu0 1 2 3 18446744073709551616\n"s, "cpu0 1 2 3 4\0\n"s}) {
    EXPECT_FALSE(proc_stat::parse_cpus(text, cpus, no_faults)) << text;
  }
}

TEST(ProcStat, ABadLineCostsItself) {
  std::vector<CpuTicks> cpus;
  RecordingFaults lost;
  ASSERT_TRUE(proc_stat::parse_cpus("cpu0 1 2 3 4\ncpu1 1 x 3 4\ncpu0 5 6 7 8\ncpu2 1 2 3 4\ncpu3 1 2", cpus, lost));
  ASSERT_EQ(cpus.size(), 2U);
  EXPECT_EQ(cpus[0].ticks[CpuTicks::user], 1U) << "the first line of a repeated CPU";
  EXPECT_EQ(cpus[1].cpu, 2U);
  ASSERT_EQ(lost.faults.size(), 3U);
  EXPECT_EQ(lost.faults[0].entity, "cpu1");
  EXPECT_EQ(lost.faults[2].entity, "cpu3");

  ASSERT_TRUE(proc_stat::parse_cpus("cpu1 9 9 9 9\ncpu0 1 2 3 4\ncpu1 1 2 3 4\n", cpus, no_faults));
  EXPECT_EQ(cpus.size(), 2U);

  RecordingFaults of_totals;
  const auto totals =
      proc_stat::parse_totals("ctxt 5\nprocesses -2045677862\nbtime 7\nsoftirq 9 1 x\nprocs_running 3\n", of_totals);
  ASSERT_TRUE(totals);
  EXPECT_EQ(totals->context_switches, 5U);
  EXPECT_FALSE(totals->forks);
  EXPECT_EQ(totals->boot_time, 7U);
  EXPECT_EQ(totals->running, 3U);
  EXPECT_EQ(totals->vectors, 0U);
  ASSERT_EQ(of_totals.faults.size(), 2U);
  EXPECT_EQ(of_totals.faults[0].entity, "processes");
}

TEST(ProcStat, ReadsTotals) {
  const auto totals = proc_stat::parse_totals(
      "cpu0 1 2 3 4\nintr 100 1 2 3\nctxt 200\nbtime 300\nprocesses 400\nprocs_running 5\nprocs_blocked 6\nsoftirq 55 "
      "1 2 3 4 5 6 7 8 9 10 11\n",
      no_faults);
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
  const auto totals = proc_stat::parse_totals("ctxt 200\nfuture thing x\n\nsoftirq 3 1 2\n", no_faults);
  ASSERT_TRUE(totals);
  EXPECT_FALSE(totals->interrupts);
  EXPECT_EQ(totals->context_switches, 200U);
  EXPECT_EQ(totals->vectors, 2U);
}

TEST(ProcStat, RefusesBadTotals) {
  for (const std::string text : {"", "cpu0 1 2 3 4\n", "ctxt\n", "ctxt \n5\n", "ctxt x\n", "ctxt -1\n",
                                 "btime 18446744073709551616\n", "softirq\n", "softirq 1 x\n"}) {
    EXPECT_FALSE(proc_stat::parse_totals(text, no_faults)) << text;
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
  const std::vector second = {cpu(0, 701, 40), cpu(1, 2001, 59)};  // 299 back: just within the limit
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
  const std::vector again = {cpu(0, 5, 1), cpu(1, 2090, 61)};  // CPU 0's old times are forgotten, CPU 1's are kept
  const auto fresh = steady.update(again, 300);
  EXPECT_EQ(fresh[0].ticks[CpuTicks::idle], 5U);
  EXPECT_EQ(fresh[1].ticks[CpuTicks::idle], 2100U);
}

TEST(SteadyTicks, DropAWrongPeakOfAnyMode) {
  for (const auto mode : {CpuTicks::user, CpuTicks::system, CpuTicks::iowait, CpuTicks::steal, CpuTicks::guest}) {
    SteadyTicks steady;
    const auto published = [&](std::uint64_t value, std::uint64_t idle) {
      auto one = cpu(0, idle, 50);
      one.ticks[CpuTicks::nice] = 77;
      one.ticks[mode] = value;
      return steady.update(std::vector{one}, 300)[0].ticks[mode];
    };
    EXPECT_EQ(published(7000, 1000), 7000U);
    EXPECT_EQ(published(6990, 1010), 7000U) << "a small step back";
    EXPECT_EQ(published(35312117399, 1020), 35312117399U);
    EXPECT_EQ(published(7100, 1030), 7100U) << "after a move to another machine";
    EXPECT_EQ(published(7200, 1040), 7200U);
    EXPECT_EQ(published(7050, 1040), 7200U);
    EXPECT_EQ(published(6800, 1040), 6800U) << "small steps add up";
  }
}

TEST(SteadyTicks, HoldASleepThatChangesSides) {
  SteadyTicks steady;
  steady.update(std::vector{cpu(0, 1000, 5000)}, 300);
  const auto idle = steady.update(std::vector{cpu(0, 3010, 3000)}, 300);  // 20 s of it were not iowait after all
  EXPECT_EQ(idle[0].ticks[CpuTicks::iowait], 5000U);
  EXPECT_EQ(idle[0].ticks[CpuTicks::idle], 3010U);
  const auto later = steady.update(std::vector{cpu(0, 3020, 3010)}, 300);
  EXPECT_EQ(later[0].ticks[CpuTicks::iowait], 5000U);
  const auto less = steady.update(std::vector{cpu(0, 3020, 2600)}, 300);  // the sum of both has fallen
  EXPECT_EQ(less[0].ticks[CpuTicks::iowait], 2600U);
}

TEST(Cpuinfo, ReadsX86) {
  std::vector<CpuInfo> cpus;
  ASSERT_TRUE(cpuinfo::parse(
      "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 142\nmodel name\t: Intel(R): "
      "x\nstepping\t: 10\n"
      "microcode\t: 0xb4\ncpu MHz\t\t: 799.998\ncache size\t: 8192 KB\nphysical id\t: 1\ncore id\t\t: 2\n"
      "flags\t\t: fpu vme\nbugs\t\t:\npower management:\n\nprocessor\t: 1\n\n",
      cpus, no_faults));
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
  ASSERT_TRUE(cpuinfo::parse("processor\t: 0\ncpu\t\t: POWER7\nclock\t\t: 3550.000000MHz\n", cpus, no_faults));
  EXPECT_EQ(cpus[0].vendor, "POWER7");
  EXPECT_EQ(cpus[0].megahertz, 3550);
  ASSERT_TRUE(cpuinfo::parse("processor\t: 3\nBogoMIPS\t: 48.00\nFeatures\t: fp asimd\n", cpus, no_faults));
  EXPECT_EQ(cpus[0].flags, "fp asimd");
  ASSERT_TRUE(cpuinfo::parse("processor\t: 0\nhart\t\t: 4\nisa\t\t: rv64imafdc\n", cpus, no_faults));
  EXPECT_EQ(cpus[0].core, "4");
  EXPECT_EQ(cpus[0].model_name, "rv64imafdc");
}

TEST(Cpuinfo, RefusesTheRest) {
  std::vector<CpuInfo> cpus;
  for (const std::string text : {"", "\n\n", "model : 1\n", "processor\n", "processor :\n", "processor : x\n",
                                 "Processor : ARM\nprocessor : x\n", "processor x: version = FF\n"}) {
    EXPECT_FALSE(cpuinfo::parse(text, cpus, no_faults)) << text;
  }
  ASSERT_TRUE(cpuinfo::parse("processor : 0\ncpu MHz : nan\n", cpus, no_faults));
  EXPECT_TRUE(std::isnan(cpus[0].megahertz));
  ASSERT_TRUE(cpuinfo::parse("processor : 0\ncpu MHz : 0.000\n", cpus, no_faults));
  EXPECT_TRUE(std::isnan(cpus[0].megahertz));
}

TEST(Cpuinfo, BadLinesCostThemselvesOrTheirParagraph) {
  std::vector<CpuInfo> cpus;
  RecordingFaults lost;
  ASSERT_TRUE(
      cpuinfo::parse("processor : 0\nmodel : a\ncpu MHz : x\ncore id : 4\n\nprocessor : -1\nmodel : b\n\n"
                     "processor : 2\nmodel : c\n\nmodel : of the machine\n",
                     cpus, lost));
  ASSERT_EQ(cpus.size(), 2U);
  EXPECT_EQ(cpus[0].model, "a");
  EXPECT_EQ(cpus[0].core, "4");
  EXPECT_TRUE(std::isnan(cpus[0].megahertz));
  EXPECT_EQ(cpus[1].processor, "2");
  EXPECT_EQ(cpus[1].model, "c");
  ASSERT_EQ(lost.faults.size(), 2U);
  EXPECT_EQ(lost.faults[0].entity, "cpu MHz");
  EXPECT_EQ(lost.faults[1].entity, "processor");
}

TEST(Cpuinfo, ReadsKeysAboveAllCpus) {
  std::vector<CpuInfo> cpus;
  ASSERT_TRUE(
      cpuinfo::parse("vendor_id : IBM/S390\n# processors : 2\nfeatures\t: esan3 zarch\nprocessor 0: version = "
                     "00, machine = 2964\nprocessor 1: version = 00\n\ncpu number : 0\ncpu MHz dynamic : "
                     "5000\n\ncpu number : 1\n",
                     cpus, no_faults));
  ASSERT_EQ(cpus.size(), 2U);
  EXPECT_EQ(cpus[1].processor, "1");
  EXPECT_EQ(cpus[1].vendor, "IBM/S390");
  EXPECT_EQ(cpus[0].flags, "esan3 zarch");
  EXPECT_EQ(cpus[0].megahertz, 5000);
  ASSERT_TRUE(cpuinfo::parse("Processor : ARMv6 rev 7\nBogoMIPS : 697.95\nFeatures : swp half\n\nHardware : x\n", cpus,
                             no_faults));
  ASSERT_EQ(cpus.size(), 1U);
  EXPECT_EQ(cpus[0].processor, "0");
  EXPECT_EQ(cpus[0].model_name, "ARMv6 rev 7");
  EXPECT_EQ(cpus[0].flags, "swp half");
}

}  // namespace
}  // namespace vitalsd
