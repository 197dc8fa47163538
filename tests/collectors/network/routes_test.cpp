// Routes and queueing disciplines: with messages made by hand, from fixtures, and of a real kernel.
#include <gtest/gtest.h>
#include <linux/gen_stats.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

#include "collectors/formats/netlink/net_routes.h"
#include "collectors/kit/flat_json.h"
#include "tests/collectors/network/real_network.h"
#include "tests/fakes/fake_netlink.h"
#include "tests/fakes/real_tree.h"

namespace vitalsd {
namespace {

using namespace std::string_literals;

std::string link(int index, const std::string& name) {
  ifinfomsg head{};
  head.ifi_index = index;
  return MessageBytes(RTM_NEWLINK, head).add(IFLA_IFNAME, name + '\0').bytes();
}

MessageBytes route(int prefix, int protocol = RTPROT_STATIC, int type = RTN_UNICAST) {
  rtmsg head{};
  head.rtm_family = AF_INET;
  head.rtm_dst_len = static_cast<unsigned char>(prefix);
  head.rtm_protocol = static_cast<unsigned char>(protocol);
  head.rtm_type = static_cast<unsigned char>(type);
  return {RTM_NEWROUTE, head};
}

std::string way(int device, int hops, std::string_view gateway) {
  const std::string attribute = MessageBytes::attribute(RTA_GATEWAY, gateway);
  const rtnexthop head{.rtnh_len = static_cast<unsigned short>(sizeof(rtnexthop) + attribute.size()),
                       .rtnh_flags = 0,
                       .rtnh_hops = static_cast<unsigned char>(hops),
                       .rtnh_ifindex = device};
  return std::string(reinterpret_cast<const char*>(&head), sizeof head) + attribute;
}

struct NetlinkHost : FakeHost {
  NetlinkHost() {
    host.netlink = netlink;
    netlink->answer(RTM_GETLINK, {link(2, "eth0"), link(3, "eth1")});
  }
  std::shared_ptr<FakeNetlink> netlink = std::make_shared<FakeNetlink>();
};

TEST(NetworkRoute, DescribesEachWay) {
  NetlinkHost fake;
  fake.netlink->answer(
      RTM_GETROUTE,
      {route(0).add(RTA_OIF, 2).add(RTA_GATEWAY, "\x0a\x00\x00\x01"s).add(RTA_PRIORITY, 100U).bytes(),
       route(8, 77).add(RTA_DST, "\x0a\x00\x00\x00"s).add(RTA_OIF, 3).add(RTA_PREFSRC, "\x0a\x00\x00\x05"s).bytes(),
       route(24)
           .add(RTA_DST, "\x0b\x00\x00\x00"s)
           .add(RTA_MULTIPATH, way(2, 0, "\x0a\x00\x00\x02"s) + way(3, 4, "\x0a\x00\x00\x03"s))
           .bytes(),
       route(32, RTPROT_KERNEL, RTN_LOCAL).add(RTA_DST, "\x0a\x00\x00\x05"s).add(RTA_OIF, 2).bytes(),
       route(0).add(RTA_OIF, 2).add(RTA_GATEWAY, "\x0a\x00\x00\x01"s).add(RTA_PRIORITY, 100U).bytes(),
       route(0).add(RTA_OIF, 9).bytes()});
  const auto run = run_registered("network_route", fake.host);
  ASSERT_TRUE(run.result);
  const auto has = [&](const std::string& labels) {
    return sample(run.text, "node_network_route_info{" + labels + "}") == "1";
  };
  EXPECT_TRUE(has(R"(device="eth0",src="",dest="default",gw="10.0.0.1",priority="100",proto="static",weight="")"))
      << run.text;
  EXPECT_TRUE(has(R"(device="eth1",src="10.0.0.5",dest="10.0.0.0/8",gw="",priority="0",proto="unknown",weight="")"));
  EXPECT_TRUE(has(R"(device="eth0",src="",dest="11.0.0.0/24",gw="10.0.0.2",priority="0",proto="static",weight="1")"));
  EXPECT_TRUE(has(R"(device="eth1",src="",dest="11.0.0.0/24",gw="10.0.0.3",priority="0",proto="static",weight="5")"));
  EXPECT_EQ(std::ranges::count(run.text, '\n'), 2 * 2 + 4 + 2) << "one series for two tables that say the same";
  EXPECT_EQ(sample(run.text, "node_network_routes{device=\"eth0\"}"), "3");
  EXPECT_EQ(sample(run.text, "node_network_routes{device=\"eth1\"}"), "2");
}

TEST(NetworkRoute, ATornRouteCostsItself) {
  const std::string good = route(8).add(RTA_DST, "\x0a\x00\x00\x00"s).add(RTA_OIF, 2).bytes();
  for (const std::string& bad :
       {route(8).add(RTA_OIF, 2).bytes(), route(33).add(RTA_DST, "\x0a\x00\x00\x00"s).bytes(),
        route(8).add(RTA_DST, "\x0a"s).bytes(),
        route(0).add(RTA_MULTIPATH, way(2, 0, "\x0a\x00\x00\x02"s) + "\xff\xff\x00\x00\x00\x00\x00\x00"s).bytes()}) {
    NetlinkHost fake;
    fake.netlink->answer(RTM_GETROUTE, {bad, good});
    const auto run = run_registered("network_route", fake.host);
    ASSERT_TRUE(run.result);
    EXPECT_EQ(run.faults.size(), 1U);
    EXPECT_EQ(sample(run.text, "node_network_routes{device=\"eth0\"}"), "1");
  }
}

TEST(NetworkRoute, IsUnavailableWithoutNetlink) {
  FakeHost fake;
  for (const char* name : {"network_route", "qdisc"}) {
    EXPECT_EQ(run_registered(name, fake.host).result.error().code, Errc::unavailable) << name;
  }
}

TEST(NetworkRoute, DescribesARealTable) {
  EXPECT_IN_OWN_NETWORK(
      []() -> std::string {
        const bool made = ip("link add v0 type veth peer name v1") && ip("link set v0 up") && ip("link set v1 up") &&
                          ip("addr add 10.1.2.3/24 dev v0") && ip("route add default via 10.1.2.1 metric 50") &&
                          ip("route add 10.9.0.0/16 nexthop via 10.1.2.7 weight 3 nexthop via 10.1.2.8") &&
                          ip("-6 addr add fd00::3/64 dev v1 nodad") &&
                          ip("-6 route add fd09::/16 via fd00::1 proto bird");
        if (!made) return kNoNamespace;
        const Clock clock;
        const auto run = run_registered("network_route", real_host(clock, true));
        std::string out;
        for (const auto& line : lines_of(run.text)) {
          if (line.find("dest=\"fe80") == std::string::npos && line.starts_with("node_network_route_info"))
            out += line + "\n";
        }
        return out;
      },
      R"(node_network_route_info{device="v0",src="",dest="10.9.0.0/16",gw="10.1.2.7",priority="0",proto="boot",weight="3"} 1
node_network_route_info{device="v0",src="",dest="10.9.0.0/16",gw="10.1.2.8",priority="0",proto="boot",weight="1"} 1
node_network_route_info{device="v0",src="",dest="default",gw="10.1.2.1",priority="50",proto="boot",weight=""} 1
node_network_route_info{device="v0",src="10.1.2.3",dest="10.1.2.0/24",gw="",priority="0",proto="kernel",weight=""} 1
node_network_route_info{device="v1",src="",dest="fd00::/64",gw="",priority="256",proto="kernel",weight=""} 1
node_network_route_info{device="v1",src="",dest="fd09::/16",gw="fd00::1",priority="1024",proto="bird",weight=""} 1
)");
}

MessageBytes qdisc(int device, std::uint32_t parent) {
  tcmsg head{};
  head.tcm_ifindex = device;
  head.tcm_parent = parent;
  return {RTM_NEWQDISC, head};
}

std::string stats() {
  std::string basic(16, '\0');
  const std::uint64_t bytes = 1ULL << 40U;
  const std::uint32_t packets = 7;
  std::memcpy(basic.data(), &bytes, 8);
  std::memcpy(basic.data() + 8, &packets, 4);
  const gnet_stats_queue queue{.qlen = 1, .backlog = 2, .drops = 3, .requeues = 4, .overlimits = 5};
  const std::uint64_t whole = (1ULL << 32U) + 7;
  return MessageBytes::attribute(TCA_STATS_BASIC, basic.substr(0, 12)) +
         MessageBytes::attribute(TCA_STATS_PKT64, {reinterpret_cast<const char*>(&whole), 8}) +
         MessageBytes::attribute(TCA_STATS_QUEUE, {reinterpret_cast<const char*>(&queue), sizeof queue});
}

TEST(Qdisc, ReportsTheRootsOfDevices) {
  NetlinkHost fake;
  fake.netlink->answer(RTM_GETQDISC,
                       {qdisc(2, TC_H_ROOT).add(TCA_KIND, "fq\0"s).add(TCA_STATS2, stats()).bytes(),
                        qdisc(3, TC_H_INGRESS).add(TCA_KIND, "ingress\0"s).bytes(), qdisc(3, TC_H_ROOT).bytes(),
                        qdisc(3, TC_H_ROOT).add(TCA_KIND, "noqueue\0"s).bytes()});
  const auto run = run_registered("qdisc", fake.host);
  ASSERT_TRUE(run.result);
  const std::string fq = R"({device="eth0",kind="fq"})";
  EXPECT_EQ(sample(run.text, "node_qdisc_bytes_total" + fq), "1099511627776");
  EXPECT_EQ(sample(run.text, "node_qdisc_packets_total" + fq), "4294967303") << "more than 32 bits";
  EXPECT_EQ(sample(run.text, "node_qdisc_current_queue_length" + fq), "1");
  EXPECT_EQ(sample(run.text, "node_qdisc_backlog" + fq), "2");
  EXPECT_EQ(sample(run.text, "node_qdisc_drops_total" + fq), "3");
  EXPECT_EQ(sample(run.text, "node_qdisc_requeues_total" + fq), "4");
  EXPECT_EQ(sample(run.text, "node_qdisc_overlimits_total" + fq), "5");
  EXPECT_EQ(run.text.find("eth1"), std::string::npos) << "without numbers there is nothing to say";
  EXPECT_EQ(run.faults.size(), 1U) << "one without a kind";
  EXPECT_EQ(run_registered("qdisc", fake.host, {{"device_exclude", "eth0"}}).text, "");
  EXPECT_THROW(make_registered("qdisc", {{"device_exclude", "a"}, {"device_include", "b"}}), OptionError);
}

TEST(Qdisc, CountsWhatARealOneSends) {
  EXPECT_IN_OWN_NETWORK(
      []() -> std::string {
        const bool made = ip("link add v0 type veth peer name v1") &&
                          shell("tc qdisc add dev v0 root pfifo limit 50") && ip("link set v0 up") &&
                          ip("link set v1 up") && ip("addr add 10.1.2.3/24 dev v0");
        if (!made) return kNoNamespace;
        const Clock clock;
        const auto run = run_registered("qdisc", real_host(clock, true));
        const auto packets = sample(run.text, R"(node_qdisc_packets_total{device="v0",kind="pfifo"})");
        return packets && run.text.find(R"(node_qdisc_backlog{device="lo",kind="noqueue"} 0)") != std::string::npos
                   ? "seen"
                   : run.text;
      },
      "seen");
}

class QdiscFixture : public RealTree {};

TEST_F(QdiscFixture, IsReadInsteadOfTheKernel) {
  write("results.json",
        R"([{"IfaceName": "wlan0", "Bytes": 42, "Kind": "fq", "Drops": 1}, {"IfaceName": "x", "Parent": 1}])");
  make("qdisc", {{"fixtures", directory.c_str()}});
  round();
  EXPECT_EQ(value(R"(node_qdisc_bytes_total{device="wlan0",kind="fq"})"), "42");
  EXPECT_EQ(value(R"(node_qdisc_backlog{device="wlan0",kind="fq"})"), "0");
  EXPECT_EQ(last.text.find("\"x\""), std::string::npos);
}

TEST(FlatJson, ReadsObjectsAndRefusesTheRest) {
  std::vector<flat_json::Record> records;
  ASSERT_TRUE(flat_json::parse(R"( {"A b": "x\"\n", "n": -1.5e3, "t": true, "z": null} )", records));
  EXPECT_EQ(records.at(0).text("a b"), "x\"\n");
  EXPECT_EQ(records.at(0).number("n"), -1500);
  EXPECT_EQ(records.at(0).text("z"), "");
  EXPECT_TRUE(flat_json::parse("[]", records));
  EXPECT_TRUE(records.empty());
  for (const char* bad : {"", "[", "[{}", "{} x", "{\"a\"}", "{\"a\":}", "{\"a\":[1]}", "{\"a\":\"\\u0041\"}", "[{},]",
                          "{\"a\":maybe}"}) {
    EXPECT_FALSE(flat_json::parse(bad, records)) << bad;
    EXPECT_TRUE(records.empty());
  }
}

}  // namespace
}  // namespace vitalsd
