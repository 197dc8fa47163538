// ipvs, lnstat, nfs, nfsd, infiniband, fibrechannel, tcpstat and udp_queues.
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "tests/collectors/network/network_run.h"

namespace vitalsd {
namespace {

const std::string kTotals = "heading\nheading\n A B C D E\n";

TEST(Ipvs, SumsServersWithEqualLabels) {
  FakeHost fake;
  fake.procfs->file("net/ip_vs_stats", kTotals)
      .file("net/ip_vs",
            "TCP  C0A80016:0CEA wlc\n  -> C0A85216:0CEA Tunnel 100 248 2\n  -> C0A85216:0CEB Tunnel 1 2 3\n");
  auto run = run_registered("ipvs", fake.host);
  EXPECT_EQ(sample(run.text, "node_ipvs_connections_total"), "10");
  EXPECT_EQ(sample(run.text,
                   "node_ipvs_backend_weight{local_address=\"192.168.0.22\",local_port=\"3306\",remote_address=\"192."
                   "168.82.22\",remote_port=\"3306\",proto=\"TCP\",local_mark=\"\"}"),
            "100");
  run = run_registered("ipvs", fake.host, {{"backend_labels", "remote_address"}});
  EXPECT_EQ(sample(run.text, "node_ipvs_backend_connections_active{remote_address=\"192.168.82.22\"}"), "250");
  run = run_registered("ipvs", fake.host, {{"backend_labels", ""}});
  EXPECT_EQ(sample(run.text, "node_ipvs_backend_connections_inactive"), "5");
  EXPECT_THROW(make_registered("ipvs", {{"backend_labels", "port"}}), OptionError);
}

TEST(Ipvs, ABadServiceCostsItsServers) {
  FakeHost fake;
  fake.procfs->file("net/ip_vs_stats", kTotals)
      .file("net/ip_vs",
            "TCP  C0A80016:0CEA wlc\nTCP  bad wlc\n  -> C0A85216:0CEA Tunnel 100 248 2\nFWM  7 wlc\n  -> [::1]:1 Masq "
            "1 2 "
            "3\n  -> [::1]:1 Masq 1 2\n");
  const auto run = run_registered("ipvs", fake.host, {{"backend_labels", "local_mark,remote_address"}});
  ASSERT_TRUE(run.result);
  EXPECT_EQ(run.text.find("192.168.82.22"), std::string::npos) << run.text;
  EXPECT_EQ(sample(run.text, "node_ipvs_backend_weight{remote_address=\"::1\",local_mark=\"7\"}"), "1");
  EXPECT_EQ(run.faults.size(), 2U);
}

TEST(Lnstat, ABadFileCostsItself) {
  FakeHost fake;
  fake.procfs->file("net/stat/arp_cache", "entries lookups lookups\n1 a f\n1 b f\n")
      .file("net/stat/bad", "entries\nx\n");
  const auto run = run_registered("lnstat", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_lnstat_lookups_total{subsystem=\"arp_cache\",cpu=\"1\"}"), "11");
  EXPECT_EQ(run.text.find("bad"), std::string::npos);
  EXPECT_EQ(run.faults.size(), 1U);
}

TEST(Nfs, ABadLineCostsItself) {
  FakeHost fake;
  fake.procfs->file("net/rpc/nfs", "net x\nrpc 1 2 3\nproc3 3 1 2 3\nnet 1 2\n");
  const auto run = run_registered("nfs", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_nfs_rpcs_total"), "1");
  EXPECT_EQ(sample(run.text, "node_nfs_requests_total{proto=\"3\",method=\"SetAttr\"}"), "3");
  EXPECT_EQ(run.text.find("packets"), std::string::npos);
  EXPECT_EQ(run.faults.size(), 1U);
}

TEST(Nfsd, LeavesOutWhatNobodyAsksFor) {
  FakeHost fake;
  fake.procfs->file("net/rpc/nfsd", "th 8 0 0.000\nproc2 2 5 6\nproc4ops 4 1 1 1 9\n");
  const auto run = run_registered("nfsd", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_nfsd_server_threads"), "8");
  EXPECT_EQ(sample(run.text, "node_nfsd_requests_total{proto=\"2\",method=\"GetAttr\"}"), "6");
  EXPECT_EQ(sample(run.text, "node_nfsd_requests_total{proto=\"4\",method=\"Access\"}"), "9");
  EXPECT_EQ(run.text.find("Null"), std::string::npos);
}

TEST(Nfsd, NamesOperationsByTheirNumber) {
  FakeHost fake;
  std::string line = "proc4ops 40";
  for (int number = 0; number < 40; ++number) line += " " + std::to_string(100 + number);
  fake.procfs->file("net/rpc/nfsd", line + "\n");
  const auto run = run_registered("nfsd", fake.host);
  const auto method = [&](const std::string& name) {
    return sample(run.text, "node_nfsd_requests_total{proto=\"4\",method=\"" + name + "\"}");
  };
  EXPECT_EQ(method("SetAttr"), "134");
  EXPECT_EQ(method("SetClientID"), "135");
  EXPECT_EQ(method("SetClientIDConfirm"), "136");
  EXPECT_EQ(method("Verify"), "137");
  EXPECT_EQ(method("RelLockOwner"), "139");
}

TEST(Infiniband, ScalesLanesAndBearsWhatIsNotAvailable) {
  FakeHost fake;
  const std::string port = "class/infiniband/mlx4_0/ports/1/";
  fake.sysfs->file(port + "rate", "40 Gb/sec (4X QDR)\n").file(port + "state", "4: ACTIVE\n");
  fake.sysfs->file(port + "counters/port_xmit_data", "25\n").file(port + "counters/link_downed", "N/A (no PMA)\n");
  fake.sysfs->file(port + "counters/symbol_error", "x\n").file(port + "hw_counters/out_of_buffer", "1\n");
  const auto run = run_registered("infiniband", fake.host);
  ASSERT_TRUE(run.result);
  const std::string labels = "{device=\"mlx4_0\",port=\"1\"}";
  EXPECT_EQ(sample(run.text, "node_infiniband_port_data_transmitted_bytes_total" + labels), "100");
  EXPECT_EQ(sample(run.text, "node_infiniband_rate_bytes_per_second" + labels), "5000000000");
  EXPECT_EQ(sample(run.text, "node_infiniband_state_id" + labels), "4");
  EXPECT_EQ(sample(run.text, "node_infiniband_link_downed_total" + labels), std::nullopt);
  EXPECT_EQ(run.text.find("out_of_buffer"), std::string::npos) << "not of this driver";
  EXPECT_EQ(run.faults.size(), 1U);
}

TEST(Fibrechannel, LeavesOutWhatTheDriverDoesNotCount) {
  FakeHost fake;
  fake.sysfs->file("class/fc_host/host0/statistics/tx_frames", "0xffffffffffffffff\n")
      .file("class/fc_host/host0/statistics/rx_frames", "0x10\n")
      .file("class/fc_host/host0/port_name", "0x1000\n");
  const auto run = run_registered("fibrechannel", fake.host);
  EXPECT_EQ(sample(run.text, "node_fibrechannel_rx_frames_total{fc_host=\"host0\"}"), "16");
  EXPECT_EQ(run.text.find("tx_frames"), std::string::npos);
  EXPECT_NE(run.text.find("port_name=\"1000\""), std::string::npos);
}

// More lines than fit into one window, with a different state in each window.
TEST(Sockets, AreCountedOverWindows) {
  const std::string directory = testing::TempDir() + "/sockets-proc";
  std::filesystem::create_directories(directory + "/net");
  {
    std::ofstream tcp(directory + "/net/tcp"), udp(directory + "/net/udp");
    tcp << "  sl  local_address\n";
    for (int i = 0; i < 3000; ++i) {
      tcp << i << ": 00000000:0016 00000000:0000 0" << (i % 2 == 0 ? 'A' : '1') << " 00000001:00000002 0 0 0 0 0\n";
      udp << i << ": 00000000:0016 00000000:0000 07 00000003:00000004 0 0 0 0 0 2 0 0\n";
    }
  }
  FakeHost fake;
  fake.host.procfs = open_directory(directory);
  auto run = run_registered("tcpstat", fake.host);
  ASSERT_TRUE(run.result) << describe(run.result.error());
  EXPECT_EQ(sample(run.text, "node_tcp_connection_states{state=\"listen\"}"), "1500");
  EXPECT_EQ(sample(run.text, "node_tcp_connection_states{state=\"rx_queued_bytes\"}"), "6000");
  EXPECT_EQ(run.text.find("syn_sent"), std::string::npos);
  run = run_registered("udp_queues", fake.host);
  EXPECT_EQ(sample(run.text, "node_udp_queues{queue=\"tx\",ip=\"v4\"}"), "9000");
  EXPECT_EQ(run.text.find("v6"), std::string::npos);
}

}  // namespace
}  // namespace vitalsd
