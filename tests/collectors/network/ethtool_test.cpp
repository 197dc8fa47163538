// What drivers say of their devices: names of metrics, devices made by hand, and a real one.
#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cerrno>

#include "collectors/network/ethtool/collector.h"
#include "collectors/network/ethtool/names.h"
#include "tests/collectors/network/real_network.h"
#include "tests/fakes/fake_netlink.h"

namespace vitalsd {
namespace {

using namespace std::string_literals;

std::string sanitized(std::string_view name) {
  std::string out;
  ethtool::sanitize(out, name);
  return out;
}
std::string metric(std::string_view name) {
  std::string out;
  ethtool::metric_name(out, sanitized(name));
  return out;
}

TEST(EthtoolNames, AreMadeAsNodeExporterMakesThem) {
  EXPECT_EQ(metric("port.rx_errors"), "node_ethtool_port_received_errors");
  EXPECT_EQ(metric("rx_errors"), "node_ethtool_received_errors");
  EXPECT_EQ(metric("Queue[0] AllocFails"), "node_ethtool_queue_0_allocfails");
  EXPECT_EQ(metric("Tx LPI entry count"), "node_ethtool_transmitted_lpi_entry_count");
  EXPECT_EQ(metric("[3]: tx_bytes"), "node_ethtool_3_transmitted_bytes");
  EXPECT_EQ(metric("     err"), "node_ethtool_err");
  EXPECT_EQ(metric("rxtx_rx"), "node_ethtool_rxtx_received");
  EXPECT_EQ(metric("rx_rx_rx"), "node_ethtool_received_rx_received") << "as a regular expression replaces";
  EXPECT_EQ(sanitized("a_._b"), "a_b");
  EXPECT_EQ(sanitized("a._-_b"), "a__b");
  EXPECT_EQ(sanitized("a__b"), "a__b");
  EXPECT_EQ(sanitized("\xff\xfe"), "_");
  EXPECT_EQ(metric("..."), "node_ethtool_");
}

class FakeEthtool final : public ethtool::Ethtool {
 public:
  Result<void> driver(std::string_view device, ethtool::DriverInfo& out) override {
    if (device != "eth0") return fail(classify_errno(EOPNOTSUPP), "fake");
    out = {.driver = "e1000e", .version = "5.11", .firmware = "0.5-4", .option_rom = "", .bus = "0000:00:1f.6"};
    return {};
  }
  Result<void> link(std::string_view device, ethtool::LinkSettings& out) override {
    if (device == "bad0") return fail(classify_errno(EIO), "fake", EIO);
    if (device != "eth0") return fail(classify_errno(EOPNOTSUPP), "fake");
    out.autonegotiates = true;
    out.supported = {1U << 0U | 1U << 5U | 1U << 6U | 1U << 7U | 1U << 13U, 1U << 4U};
    out.advertised = {1U << 5U};
    return {};
  }
  Result<void> statistics(std::string_view device, ethtool::Statistics& out) override {
    if (device != "eth0") return fail(classify_errno(EOPNOTSUPP), "fake");
    out.names.clear();
    out.values.clear();
    for (const auto& [name, value] : counters) {
      std::string field = name.substr(0, 32);
      field.resize(32);
      out.names += field;
      out.values.push_back(value);
    }
    return {};
  }
  std::vector<std::pair<std::string, std::uint64_t>> counters;
};

struct Bench : FakeHost {
  explicit Bench(OptionTexts texts = {}) {
    host.netlink = netlink;
    netlink->answer(RTM_GETLINK, {link(1, "lo"), link(2, "eth0"), link(3, "bad0")});
    Options options = Options::defaults(find_collector("ethtool")->options);
    for (const auto& [option, text] : texts) options.set(option, {.text = text, .items = {}, .records = {}});
    auto fake = std::make_unique<FakeEthtool>();
    ethtool = fake.get();
    collector.emplace(options, std::move(fake));
  }
  static std::string link(int index, const std::string& name) {
    ifinfomsg head{};
    head.ifi_index = index;
    return MessageBytes(RTM_NEWLINK, head).add(IFLA_IFNAME, name + '\0').bytes();
  }
  RunResult run() { return run_collector(*collector, host); }

  std::shared_ptr<FakeNetlink> netlink = std::make_shared<FakeNetlink>();
  FakeEthtool* ethtool = nullptr;
  std::optional<ethtool::EthtoolCollector> collector;
};

TEST(Ethtool, ReportsCountersAndLeavesOutAmbiguousOnes) {
  Bench bench;
  bench.ethtool->counters = {{"rx_packets", 7},          {"port.rx_dropped", 12028}, {"duplicate metric", 1},
                             {"duplicate_metric", 2},    {std::string(40, 'x'), 3},  {"", 9},
                             {"received_bytes_total", 4}};
  auto run = bench.run();
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_ethtool_received_packets_total{device=\"eth0\"}"), "7");
  EXPECT_EQ(sample(run.text, "node_ethtool_port_received_dropped{device=\"eth0\"}"), "12028");
  EXPECT_EQ(sample(run.text, "node_ethtool_" + std::string(32, 'x') + "{device=\"eth0\"}"), "3");
  EXPECT_EQ(run.text.find("duplicate"), std::string::npos);
  EXPECT_NE(run.text.find("# HELP node_ethtool_port_received_dropped Network interface port_rx_dropped\n"),
            std::string::npos);
  EXPECT_NE(run.text.find("# TYPE node_ethtool_port_received_dropped untyped\n"), std::string::npos);
  EXPECT_NE(run.text.find("# HELP node_ethtool_received_packets_total Network interface packets received\n"),
            std::string::npos);
  ASSERT_EQ(run.faults.size(), 1U) << "what a driver lacks is none";
  EXPECT_EQ(run.faults[0].entity, "bad0");

  bench.ethtool->counters = {{"port.rx_dropped", 12029}, {"new", 1}};
  run = bench.run();
  EXPECT_EQ(sample(run.text, "node_ethtool_port_received_dropped{device=\"eth0\"}"), "12029");
  EXPECT_EQ(sample(run.text, "node_ethtool_new{device=\"eth0\"}"), "1") << "the driver may change its names";
  EXPECT_EQ(run.text.find("received_packets"), std::string::npos);
}

TEST(Ethtool, ReportsDriverAndLink) {
  Bench bench;
  const auto run = bench.run();
  EXPECT_EQ(
      sample(
          run.text,
          R"(node_ethtool_info{bus_info="0000:00:1f.6",device="eth0",driver="e1000e",expansion_rom_version="",firmware_version="0.5-4",version="5.11"})"),
      "1");
  EXPECT_EQ(sample(run.text, R"(node_network_supported_speed_bytes{device="eth0",duplex="half",mode="10baseT"})"),
            "1250000");
  EXPECT_EQ(sample(run.text, R"(node_network_supported_speed_bytes{device="eth0",duplex="full",mode="100000baseKR4"})"),
            "12500000000")
      << "a bit of the second word";
  EXPECT_EQ(sample(run.text, R"(node_network_advertised_speed_bytes{device="eth0",duplex="full",mode="1000baseT"})"),
            "125000000");
  EXPECT_EQ(sample(run.text, R"(node_network_supported_port_info{device="eth0",type="TP"})"), "1");
  EXPECT_EQ(run.text.find("type=\"MII\""), std::string::npos);
  EXPECT_EQ(sample(run.text, "node_network_autonegotiate_supported{device=\"eth0\"}"), "1");
  EXPECT_EQ(sample(run.text, "node_network_autonegotiate_advertised{device=\"eth0\"}"), "0");
  EXPECT_EQ(sample(run.text, "node_network_pause_supported{device=\"eth0\"}"), "1");
  EXPECT_EQ(sample(run.text, "node_network_asymmetricpause_supported{device=\"eth0\"}"), "0");
  EXPECT_EQ(sample(run.text, "node_network_autonegotiate{device=\"eth0\"}"), "1");
}

TEST(Ethtool, FiltersDevicesAndCounters) {
  Bench bench({{"metrics_include", "^tx_"}});
  bench.ethtool->counters = {{"tx_bytes", 1}, {"rx_bytes", 2}};
  const auto run = bench.run();
  EXPECT_NE(run.text.find("transmitted_bytes_total"), std::string::npos);
  EXPECT_EQ(run.text.find("received"), std::string::npos);
  Bench none({{"device_include", "^x"}});
  EXPECT_EQ(none.run().text, "");
  EXPECT_THROW(make_registered("ethtool", {{"device_exclude", "a"}, {"device_include", "b"}}), OptionError);
  FakeHost files;
  EXPECT_EQ(run_registered("ethtool", files.host).result.error().code, Errc::unavailable);
}

TEST(Ethtool, ReadsARealDevice) {
  EXPECT_IN_OWN_NETWORK(
      []() -> std::string {
        if (!ip("link add v0 type veth peer name v1") || !ip("link set v0 up")) return kNoNamespace;
        const Clock clock;
        const Host host = real_host(clock, true);
        const auto run = run_registered("ethtool", host);
        const auto classes = run_registered("netclass", host);
        const auto peer = sample(run.text, "node_ethtool_peer_ifindex{device=\"v0\"}");
        const auto index = sample(classes.text, "node_network_iface_id{device=\"v1\"}");
        const bool driven = run.text.find("device=\"v0\",driver=\"veth\"") != std::string::npos;
        return run.result && run.faults.empty() && driven && peer && peer == index ? "the peer" : run.text;
      },
      "the peer");
}

}  // namespace
}  // namespace vitalsd
