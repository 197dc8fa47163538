#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "tests/collectors/network/network_run.h"

namespace vitalsd {
namespace {

TEST(Netstat, ReportsWhatThePatternTakes) {
  FakeHost fake;
  fake.procfs->file("net/netstat", "TcpExt: Odd ListenDrops\nTcpExt: 5 7\n")
      .file("net/snmp", "Tcp: MaxConn\nTcp: -1\n");
  const auto run = run_registered("netstat", fake.host, {{"fields", "^(TcpExt_Odd|Tcp_MaxConn)$"}});
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_netstat_TcpExt_Odd"), "5");
  EXPECT_EQ(sample(run.text, "node_netstat_Tcp_MaxConn"), "-1");
  EXPECT_EQ(sample(run.text, "node_netstat_TcpExt_ListenDrops"), std::nullopt);
  EXPECT_NE(run.text.find("# HELP node_netstat_TcpExt_Odd Statistic TcpExtOdd.\n"), std::string::npos) << run.text;
}

TEST(Netstat, ABadPairCostsItself) {
  for (const std::string bad : {"TcpExt: A B\nTcpExt: 1\n", "TcpExt: A\nTcpExt: 1 2\n", "TcpExt: A\nTcpExt: x\n",
                                "TcpExt: A\nIpExt: 1\n", "nonsense\n", ": A\n"}) {
    FakeHost fake;
    fake.procfs->file("net/netstat", bad + "IpExt: InOctets\nIpExt: 4\n");
    const auto run = run_registered("netstat", fake.host);
    ASSERT_TRUE(run.result) << bad;
    EXPECT_EQ(sample(run.text, "node_netstat_IpExt_InOctets"), "4") << bad;
    EXPECT_EQ(run.faults.size(), 1U) << bad;
  }
}

TEST(Netstat, AKernelWithoutIpv6HasTheRest) {
  FakeHost fake;
  fake.procfs->file("net/snmp", "Udp: NoPorts\nUdp: 3\n");
  const auto run = run_registered("netstat", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_netstat_Udp_NoPorts"), "3");
  EXPECT_TRUE(run.faults.empty());
  fake.procfs->error("net/snmp6", EAGAIN);  // not open yet: the whole run must be repeated
  EXPECT_FALSE(run_registered("netstat", fake.host).result);
}

TEST(Netstat, IsBounded) {
  FakeHost fake;
  std::string names = "Ip:", values = "Ip:";
  for (int i = 0; i < 5000; ++i) {
    names += " LongNameOfAStatisticWithoutAnyMeaning" + std::to_string(i);
    values += " 1";
  }
  fake.procfs->file("net/netstat", names + "\n" + values + "\n");
  const auto run = run_registered("netstat", fake.host, {{"fields", ".*"}});
  ASSERT_TRUE(run.result);
  EXPECT_LE(std::ranges::count(run.text, '\n'), 3 * 512);
}

TEST(Sockstat, ReportsBytesBesidePages) {
  FakeHost fake;
  fake.procfs->file("net/sockstat", "sockets: used 5\nTCP: inuse 1 mem 2 strange 3\nbad\nUDP: inuse x\n");
  const auto run = run_registered("sockstat", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_sockstat_sockets_used"), "5");
  EXPECT_EQ(sample(run.text, "node_sockstat_TCP_mem"), "2");
  EXPECT_EQ(sample(run.text, "node_sockstat_TCP_mem_bytes"), "8192");
  EXPECT_EQ(run.text.find("strange"), std::string::npos);
  EXPECT_EQ(run.faults.size(), 2U);
}

TEST(Softnet, NumbersCpusOfOldKernelsByLine) {
  FakeHost fake;
  fake.procfs->file("net/softnet_stat",
                    "00000001 0 0 0 0 0 0 0 0 0 0\nbad\n0000000a 0 0 0 0 0 0 0 0 0 0\n"
                    "0000000f 0 0 0 0 0 0 0 0 0 0 00000003 00000007\n");
  const auto run = run_registered("softnet", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_softnet_processed_total{cpu=\"0\"}"), "1");
  EXPECT_EQ(sample(run.text, "node_softnet_processed_total{cpu=\"2\"}"), "10");
  EXPECT_EQ(sample(run.text, "node_softnet_processed_total{cpu=\"7\"}"), "15");
  EXPECT_EQ(sample(run.text, "node_softnet_backlog_len{cpu=\"7\"}"), "3");
  EXPECT_EQ(run.faults.size(), 1U);
}

TEST(Conntrack, SumsColumnsByName) {
  FakeHost fake;
  fake.procfs->file("sys/net/netfilter/nf_conntrack_count", "3\n").file("sys/net/netfilter/nf_conntrack_max", "9\n");
  EXPECT_EQ(sample(run_registered("conntrack", fake.host).text, "node_nf_conntrack_entries_limit"), "9");
  fake.procfs->file("net/stat/nf_conntrack", "drop found\n1 2\n10 20\n");
  auto run = run_registered("conntrack", fake.host);
  EXPECT_EQ(sample(run.text, "node_nf_conntrack_stat_drop"), "17");
  EXPECT_EQ(sample(run.text, "node_nf_conntrack_stat_found"), "34");
  EXPECT_EQ(sample(run.text, "node_nf_conntrack_stat_invalid"), std::nullopt);
  for (const std::string bad : {"", "drop\n1 2\n", "drop\nx\n", "drop found\n1\n"}) {
    fake.procfs->file("net/stat/nf_conntrack", bad);
    run = run_registered("conntrack", fake.host);
    ASSERT_TRUE(run.result);
    EXPECT_EQ(sample(run.text, "node_nf_conntrack_entries"), "3");
    EXPECT_EQ(run.text.find("stat"), std::string::npos) << bad;
    EXPECT_EQ(run.faults.size(), 1U);
  }
}

}  // namespace
}  // namespace vitalsd
