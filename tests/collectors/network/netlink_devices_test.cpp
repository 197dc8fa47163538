// Network devices and neighbours over netlink: with messages made by hand, and against the files of a real kernel.
#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "collectors/formats/netlink/net_links.h"
#include "tests/collectors/network/real_network.h"
#include "tests/fakes/fake_netlink.h"

namespace vitalsd {
namespace {

MessageBytes link(int index, const char* name, unsigned flags = IFF_UP) {
  ifinfomsg head{};
  head.ifi_index = index;
  head.ifi_flags = flags;
  head.ifi_type = 1;
  return MessageBytes(RTM_NEWLINK, head).add(IFLA_IFNAME, std::string_view(name, std::strlen(name) + 1));
}

std::string counted(int index, const char* name) {
  rtnl_link_stats64 stats{};
  auto* all = reinterpret_cast<__u64*>(&stats);
  for (std::size_t i = 0; i < sizeof stats / sizeof *all; ++i) all[i] = __u64{1} << i;
  return link(index, name).add_struct(IFLA_STATS64, stats).bytes();
}

std::string neighbour_of(int device, int state) {
  ndmsg head{};
  head.ndm_family = AF_INET;
  head.ndm_ifindex = device;
  head.ndm_state = static_cast<__u16>(state);
  return MessageBytes(RTM_NEWNEIGH, head).bytes();
}

struct NetlinkHost : FakeHost {
  NetlinkHost() { host.netlink = netlink; }
  std::shared_ptr<FakeNetlink> netlink = std::make_shared<FakeNetlink>();
};

TEST(NetdevNetlink, AddsUpAsTheFileDoes) {
  NetlinkHost fake;
  fake.netlink->answer(RTM_GETLINK, {counted(2, "eth0")});
  const auto run = run_registered("netdev", fake.host);
  ASSERT_TRUE(run.result);
  const auto value = [&](const std::string& name) {
    return sample(run.text, "node_network_" + name + "_total{device=\"eth0\"}").value_or("absent");
  };
  // Each counter has the bit of its place in struct rtnl_link_stats64.
  EXPECT_EQ(value("receive_packets"), "1");
  EXPECT_EQ(value("transmit_bytes"), "8");
  EXPECT_EQ(value("receive_errs"), "16");
  EXPECT_EQ(value("receive_drop"), std::to_string((1 << 6) + (1 << 15)));
  EXPECT_EQ(value("receive_multicast"), "256");
  EXPECT_EQ(value("transmit_colls"), "512");
  EXPECT_EQ(value("receive_frame"), std::to_string((1 << 10) + (1 << 11) + (1 << 12) + (1 << 13)));
  EXPECT_EQ(value("receive_fifo"), std::to_string(1 << 14));
  EXPECT_EQ(value("transmit_carrier"), std::to_string((1 << 16) + (1 << 17) + (1 << 19) + (1 << 20)));
  EXPECT_EQ(value("transmit_fifo"), std::to_string(1 << 18));
  EXPECT_EQ(value("receive_nohandler"), std::to_string(1 << 23));
  EXPECT_TRUE(fake.procfs->reads().empty());
}

TEST(NetdevNetlink, AnOldKernelsCountersLackTheLast) {
  NetlinkHost fake;
  rtnl_link_stats64 stats{};
  stats.rx_bytes = 5;
  const std::string_view old(reinterpret_cast<const char*>(&stats), offsetof(rtnl_link_stats64, rx_nohandler));
  fake.netlink->answer(RTM_GETLINK, {link(1, "lo").add(IFLA_STATS64, old).bytes(),
                                     link(2, "x").add(IFLA_STATS64, old.substr(0, 100)).bytes()});
  const auto run = run_registered("netdev", fake.host);
  EXPECT_EQ(sample(run.text, "node_network_receive_bytes_total{device=\"lo\"}"), "5");
  EXPECT_EQ(run.text.find("nohandler"), std::string::npos);
  EXPECT_EQ(run.text.find("\"x\""), std::string::npos) << "half of the counters are none";
}

TEST(NetdevNetlink, ATornMessageCostsItself) {
  NetlinkHost fake;
  std::string torn = link(3, "torn").bytes();
  torn += std::string("\xff\x7f\x01\x00", 4);
  const auto length = static_cast<std::uint32_t>(torn.size());
  std::memcpy(torn.data(), &length, sizeof length);
  fake.netlink->answer(RTM_GETLINK, {torn, counted(2, "eth0")});
  const auto run = run_registered("netdev", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_NE(run.text.find("\"eth0\""), std::string::npos);
  EXPECT_EQ(run.text.find("\"torn\""), std::string::npos);
  ASSERT_EQ(run.faults.size(), 1U);
  EXPECT_EQ(run.faults[0].code, Errc::malformed);
}

TEST(NetdevNetlink, ReadsTheFileWhereNetlinkFails) {
  NetlinkHost fake;
  fake.netlink->error(RTM_GETLINK, EPERM);
  fake.procfs->file("net/dev", "a|b\nc|d\neth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  const auto run = run_registered("netdev", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_network_receive_bytes_total{device=\"eth0\"}"), "1");
  ASSERT_EQ(run.faults.size(), 1U);
  EXPECT_EQ(run.faults[0].entity, "netlink");
  fake.netlink->answer(RTM_GETLINK, {counted(2, "eth0")});
  EXPECT_EQ(run_registered("netdev", fake.host, {{"netlink", "false"}}).text, run.text) << "as it was configured to";
}

TEST(NetdevNetlink, DetailedNamesAreThoseOfLinuxStatistics) {
  NetlinkHost fake;
  fake.netlink->answer(RTM_GETLINK, {counted(2, "eth0")});
  const auto run = run_registered("netdev", fake.host, {{"enable_detailed_metrics", "true"}});
  // In the order of struct rtnl_link_stats64; each counter has the bit of its place.
  constexpr std::array kNames = {"receive_packets",
                                 "transmit_packets",
                                 "receive_bytes",
                                 "transmit_bytes",
                                 "receive_errors",
                                 "transmit_errors",
                                 "receive_dropped",
                                 "transmit_dropped",
                                 "multicast",
                                 "collisions",
                                 "receive_length_errors",
                                 "receive_over_errors",
                                 "receive_crc_errors",
                                 "receive_frame_errors",
                                 "receive_fifo_errors",
                                 "receive_missed_errors",
                                 "transmit_aborted_errors",
                                 "transmit_carrier_errors",
                                 "transmit_fifo_errors",
                                 "transmit_heartbeat_errors",
                                 "transmit_window_errors",
                                 "receive_compressed",
                                 "transmit_compressed",
                                 "receive_nohandler"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    EXPECT_EQ(sample(run.text, "node_network_" + std::string(kNames[i]) + "_total{device=\"eth0\"}"),
              std::to_string(1 << i))
        << kNames[i];
  }
  EXPECT_EQ(std::ranges::count(run.text, '{'), std::ptrdiff_t{kNames.size()}) << run.text;
}

TEST(NetdevNetlink, DetailedNamesOfTheFileAreFewer) {
  NetlinkHost fake;
  fake.procfs->file("net/dev", "a|b\nc|d\neth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  const auto run = run_registered("netdev", fake.host, {{"enable_detailed_metrics", "true"}, {"netlink", "false"}});
  const auto value = [&](const std::string& name) {
    return sample(run.text, "node_network_" + name + "_total{device=\"eth0\"}");
  };
  EXPECT_EQ(value("receive_errors"), "3");
  EXPECT_EQ(value("receive_dropped"), "4");
  EXPECT_EQ(value("receive_fifo"), "5");
  EXPECT_EQ(value("transmit_errors"), "11");
  EXPECT_EQ(value("transmit_dropped"), "12");
  EXPECT_EQ(value("transmit_carrier"), "15");
  EXPECT_EQ(std::ranges::count(run.text, '{'), 16) << run.text;
}

TEST(NetdevNetlink, LabelsCountersWithTheAlias) {
  NetlinkHost fake;
  const rtnl_link_stats64 stats{.rx_packets = 1};
  fake.netlink->answer(
      RTM_GETLINK,
      {link(2, "eth0").add(IFLA_IFALIAS, std::string_view("to \"b\"")).add_struct(IFLA_STATS64, stats).bytes(),
       counted(3, "eth1")});
  const auto named = run_registered("netdev", fake.host, {{"label_ifalias", "true"}});
  EXPECT_EQ(sample(named.text, R"(node_network_receive_packets_total{device="eth0",ifalias="to \"b\""})"), "1");
  EXPECT_EQ(sample(named.text, R"(node_network_receive_nohandler_total{device="eth1",ifalias=""})"),
            std::to_string(1 << 23));
  fake.procfs->file("net/dev",
                    "a|b\nc|d\neth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\neth1: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
  fake.sysfs->file("class/net/eth0/ifalias", "up\n");
  const auto run = run_registered("netdev", fake.host, {{"label_ifalias", "true"}, {"netlink", "false"}});
  EXPECT_TRUE(run.faults.empty());
  EXPECT_EQ(sample(run.text, R"(node_network_receive_bytes_total{device="eth0",ifalias="up"})"), "1");
  EXPECT_EQ(sample(run.text, R"(node_network_receive_bytes_total{device="eth1",ifalias=""})"), "0");
}

TEST(NetdevNetlink, AnAliasIsNotAskedForOnTheLoop) {
  NetlinkHost fake;
  fake.host.opening = std::make_unique<OpenRule>();
  fake.host.opening->kept_only = true;
  fake.procfs->file("net/dev", "a|b\nc|d\neth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  EXPECT_TRUE(run_registered("netdev", fake.host).result);
  EXPECT_FALSE(run_registered("netdev", fake.host, {{"label_ifalias", "true"}}).result);
  EXPECT_TRUE(fake.host.opening->opened);
}

TEST(NetdevNetlink, OnTheLoopTheFileIsRead) {
  NetlinkHost fake;
  fake.host.opening = std::make_unique<OpenRule>();
  fake.netlink->answer(RTM_GETLINK, {counted(2, "eth0")});
  fake.procfs->file("net/dev", "a|b\nc|d\neth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  const auto collector = make_registered("netdev");
  EXPECT_NE(run_collector(*collector, fake.host).text.find("nohandler"), std::string::npos);
  EXPECT_TRUE(fake.host.opening->opened) << "so that no run of it is tried on the loop";
  fake.host.opening->no_waiting = true;
  EXPECT_EQ(run_collector(*collector, fake.host).text.find("nohandler"), std::string::npos);
  EXPECT_EQ(fake.netlink->asked().size(), 1U);
}

TEST(ArpNetlink, CountsEntriesAndStates) {
  NetlinkHost fake;
  fake.netlink->answer(RTM_GETLINK, {link(2, "eth0").bytes(), link(3, "eth1").bytes()});
  fake.netlink->answer(
      RTM_GETNEIGH,
      {neighbour_of(2, NUD_STALE), neighbour_of(3, NUD_PERMANENT), neighbour_of(2, NUD_STALE),
       neighbour_of(2, NUD_FAILED), neighbour_of(2, NUD_NOARP), neighbour_of(2, NUD_NONE), neighbour_of(9, NUD_STALE)});
  const auto run = run_registered("arp", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_arp_entries{device=\"eth0\"}"), "3");
  EXPECT_EQ(sample(run.text, "node_arp_entries{device=\"eth1\"}"), "1");
  EXPECT_EQ(sample(run.text, "node_arp_states{device=\"eth0\",state=\"stale\"}"), "2");
  EXPECT_EQ(sample(run.text, "node_arp_states{device=\"eth0\",state=\"failed\"}"), "1");
  EXPECT_EQ(run.text.find("device=\"\""), std::string::npos) << "of a device that went away";
  const auto some = run_registered("arp", fake.host, {{"device_include", "eth1"}});
  EXPECT_EQ(some.text.find("eth0"), std::string::npos);
}

TEST(ArpNetlink, AnInterruptedListIsForgotten) {
  NetlinkHost fake;
  fake.netlink->answer(RTM_GETLINK, {link(2, "eth0").bytes()});
  fake.netlink->answer(RTM_GETNEIGH, {neighbour_of(2, NUD_STALE), neighbour_of(2, NUD_STALE)});
  fake.netlink->then(RTM_GETNEIGH, {neighbour_of(2, NUD_REACHABLE)});
  const auto run = run_registered("arp", fake.host);
  EXPECT_EQ(sample(run.text, "node_arp_entries{device=\"eth0\"}"), "1");
  EXPECT_EQ(run.text.find("stale"), std::string::npos);
}

// As in a pod without hostNetwork, which has the host's sysfs.
TEST(NetclassNetlink, ASysfsOfAnotherNamespaceIsReadByItself) {
  NetlinkHost fake;
  const std::string address("\x02\0\0\0\0\x01", 6);
  const auto device = [&] {
    return link(2, "eth0").add(IFLA_ADDRESS, address).add(IFLA_OPERSTATE, std::uint8_t{6}).add(IFLA_MTU, 1500U);
  };
  fake.netlink->answer(RTM_GETLINK, {device().bytes()});
  fake.sysfs->file("class/net/eth0/operstate", "down\n")
      .file("class/net/eth0/dev_id", "0x20\n")
      .file("class/net/eth0/ifindex", "2\n")
      .file("class/net/eth0/address", "02:00:00:00:00:02\n");
  const auto collector = make_registered("netclass");
  const auto up = [&] {
    return sample(run_collector(*collector, fake.host).text, "node_network_up{device=\"eth0\"}").value_or("absent");
  };
  EXPECT_EQ(up(), "0") << "another address";
  fake.sysfs->file("class/net/eth0/address", "02:00:00:00:00:01\n").file("class/net/eth0/ifindex", "3\n");
  EXPECT_EQ(up(), "0") << "another number";
  fake.sysfs->file("class/net/eth0/ifindex", "2\n").file("class/net/eth1/operstate", "up\n");
  EXPECT_EQ(up(), "0") << "more devices";
  fake.sysfs->remove("class/net/eth1").file("class/net/bonding_masters", "\n");
  const auto run = run_collector(*collector, fake.host);
  EXPECT_EQ(sample(run.text, "node_network_up{device=\"eth0\"}"), "1") << "the same";
  EXPECT_EQ(sample(run.text, "node_network_device_id{device=\"eth0\"}"), "32");
  EXPECT_TRUE(run.faults.empty());
  fake.sysfs->forget_reads();
  EXPECT_EQ(up(), "1");
  EXPECT_TRUE(std::ranges::none_of(fake.sysfs->reads(), [](const auto& path) { return path.ends_with("dev_id"); }))
      << "known by now";
}

TEST(NetclassNetlink, AsksForOldKernelsFlagsAndSpeeds) {
  NetlinkHost fake;
  fake.netlink->answer(
      RTM_GETLINK, {link(1, "lo", IFF_UP | IFF_RUNNING | IFF_LOWER_UP).add(IFLA_OPERSTATE, std::uint8_t{0}).bytes()});
  fake.sysfs->file("class/net/lo/operstate", "unknown\n")
      .file("class/net/lo/ifindex", "1\n")
      .file("class/net/lo/address", "\n")
      .file("class/net/lo/flags", "0x9\n")
      .file("class/net/lo/speed", "10\n")
      .file("class/net/lo/duplex", "full\n");
  const auto run = run_registered("netclass", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(run.faults.empty());
  EXPECT_EQ(sample(run.text, "node_network_flags{device=\"lo\"}"), "9") << "without the flags of the moment";
  EXPECT_EQ(sample(run.text, "node_network_speed_bytes{device=\"lo\"}"), "1250000");
  EXPECT_NE(run.text.find("duplex=\"full\",operstate=\"unknown\",adminstate=\"up\""), std::string::npos) << run.text;
}

// ---- against a real kernel

bool make_devices() {
  return ip("link add v0 type veth peer name v1") && ip("link set v0 up") && ip("link set v1 up") &&
         ip("link add d0 type ifb") && ip("link set d0 mtu 1400 txqueuelen 77 group 5 alias 'to the  moon '") &&
         ip("link set d0 promisc on allmulticast on") && ip("link add br0 type bridge") &&
         ip("link set v1 master br0") && ip("link set br0 up") && ip("addr add 10.1.2.3/24 dev v0") &&
         ip("link add link v0 name mv0 type macvlan") && ip("link set mv0 up");
}

TEST(RealNetlink, NetclassSaysWhatSysfsSays) {
  EXPECT_IN_OWN_NETWORK([] { return make_devices() ? difference("netclass") : std::string(kNoNamespace); }, "");
}

TEST(RealNetlink, NetdevSaysWhatTheFileSays) {
  EXPECT_IN_OWN_NETWORK(
      []() -> std::string {
        if (!make_devices()) return kNoNamespace;
        (void)shell("ping -c1 -W1 10.1.2.9");  // where there is a ping: something is sent, at least to lo
        // Nothing may be sent between the two looks, as the kernel does by itself (IPv6) on whatever is up.
        for (const char* down : {"link set mv0 down", "link set br0 down", "link set v1 down", "link set v0 down"}) {
          if (!ip(down)) return kNoNamespace;
        }
        return difference("netdev", "nohandler");
      },
      "");
}

TEST(RealNetlink, ArpSaysWhatTheFileSays) {
  EXPECT_IN_OWN_NETWORK(
      []() -> std::string {
        const bool made = make_devices() && ip("neigh add 10.1.2.7 dev v0 lladdr 02:00:00:00:00:07 nud permanent") &&
                          ip("neigh add 10.1.2.8 dev v0 lladdr 02:00:00:00:00:08 nud stale") &&
                          ip("neigh add 10.1.2.9 dev br0 lladdr 02:00:00:00:00:09 nud noarp");
        if (!made) return kNoNamespace;
        const std::string differs = difference("arp", "node_arp_states");
        const Clock clock;
        const auto run = run_registered("arp", real_host(clock, true));
        return differs + sample(run.text, "node_arp_entries{device=\"v0\"}").value_or("absent") +
               sample(run.text, "node_arp_states{device=\"v0\",state=\"stale\"}").value_or("absent");
      },
      "21");
}

TEST(RealNetlink, NetclassSeesARenamedDevice) {
  EXPECT_IN_OWN_NETWORK(
      []() -> std::string {
        if (!ip("link add d0 type ifb")) return kNoNamespace;
        const Clock clock;
        const auto collector = make_registered("netclass");
        const auto type = [&](const std::string& name) {
          const auto run = run_collector(*collector, real_host(clock, true));  // which shares no answer with others
          return sample(run.text, "node_network_name_assign_type{device=\"" + name + "\"}").value_or("absent");
        };
        std::string types = type("d0");
        if (!ip("link set d0 name e0")) return kNoNamespace;
        types += type("e0") + type("d0");
        return types;
      },
      "34absent");
}

}  // namespace
}  // namespace vitalsd
