#include "collectors/formats/cpu_counts.h"

#include <gtest/gtest.h>

#include "core/faults.h"
#include "tests/collectors/network/network_run.h"

namespace vitalsd {
namespace {

TEST(CpuCounts, KeepTheNumbersOfOnlineCpus) {
  CpuCounts counts;
  NoFaults faults;
  ASSERT_TRUE(cpu_counts::parse("  CPU0 CPU7\n 1: 5 6 a  b\nIPI0:1 2 x\nERR: 3\nbad: x 1 y\n", counts, faults));
  ASSERT_EQ(counts.rows.size(), 2U);
  EXPECT_EQ(counts.cpus, (std::vector<std::uint32_t>{0, 7}));
  EXPECT_EQ(counts.rows[0].name, "1");
  EXPECT_EQ(counts.of(counts.rows[0])[1], 6U);
  EXPECT_EQ(counts.rows[1].name, "IPI0");
  EXPECT_EQ(counts.of(counts.rows[1])[0], 1U);
  EXPECT_EQ(counts.numbers.size(), 4U);
  for (const std::string_view bad : {"", "\n", "CPU\n", "X0\n 1: 5\n", "CPU0 CPUx\n"}) {
    EXPECT_FALSE(cpu_counts::parse(bad, counts, faults)) << bad;
  }
}

TEST(Interrupts, AreFilteredAndTakenApart) {
  FakeHost fake;
  fake.procfs->file("interrupts", "CPU0 CPU2\n 1: 0 6 IO-APIC   2-edge  timer\nNMI: 7 0 Non-maskable interrupts\n");
  auto run = run_registered("interrupts", fake.host, {{"include_zeros", "false"}});
  EXPECT_EQ(sample(run.text, R"(node_interrupts_total{cpu="2",type="1",info="IO-APIC",devices="2-edge timer"})"), "6");
  EXPECT_EQ(sample(run.text, R"(node_interrupts_total{cpu="0",type="NMI",info="Non-maskable interrupts",devices=""})"),
            "7");
  EXPECT_EQ(run.text.find("} 0\n"), std::string::npos) << run.text;
  run = run_registered("interrupts", fake.host, {{"name_exclude", "^NMI;Non"}});
  EXPECT_EQ(run.text.find("NMI"), std::string::npos);
}

TEST(Xfrm, LeavesOutWhatIsNew) {
  FakeHost fake;
  fake.procfs->file("net/xfrm_stat", "XfrmInError 3\nXfrmNew 4\n");
  const auto run = run_registered("xfrm", fake.host);
  EXPECT_EQ(sample(run.text, "node_xfrm_in_error_packets_total"), "3");
  EXPECT_EQ(run.text.find(" 4\n"), std::string::npos);
}

}  // namespace
}  // namespace vitalsd
