// Wireless devices: from messages made by hand, and from node_exporter's kind of fixtures.
#include <gtest/gtest.h>
#include <linux/genetlink.h>
#include <linux/nl80211.h>

#include <cerrno>

#include "collectors/network/wifi/nl80211.h"
#include "tests/collectors/network/network_run.h"
#include "tests/fakes/fake_netlink.h"
#include "tests/fakes/real_tree.h"

namespace vitalsd {
namespace {

using namespace std::string_literals;

constexpr int kFamily = 28;

MessageBytes message(int command, int type = kFamily) {
  return {static_cast<std::uint16_t>(type), genlmsghdr{.cmd = static_cast<__u8>(command), .version = 1, .reserved = 0}};
}
template <class T>
std::string attribute(int type, T value) {
  return MessageBytes::attribute(static_cast<std::uint16_t>(type),
                                 {reinterpret_cast<const char*>(&value), sizeof value});
}

struct Wireless : FakeHost {
  Wireless() {
    host.netlink = netlink;
    netlink->answer(
        GENL_ID_CTRL,
        {message(CTRL_CMD_NEWFAMILY, GENL_ID_CTRL).add(CTRL_ATTR_FAMILY_ID, std::uint16_t{kFamily}).bytes()});
    netlink->answer(kFamily, NL80211_CMD_GET_INTERFACE,
                    {message(1)
                         .add(NL80211_ATTR_IFINDEX, 3)
                         .add(NL80211_ATTR_IFNAME, "wlan0\0"s)
                         .add(NL80211_ATTR_WIPHY_FREQ, 2412U)
                         .bytes(),
                     message(1).add(NL80211_ATTR_IFINDEX, 4).bytes()});
    const std::string elements = "\x01\x02\xff\xff\x00\x04"s + "Ho\"e" + "\x03"s;
    netlink->answer(
        kFamily, NL80211_CMD_GET_SCAN,
        {message(1)
             .add(NL80211_ATTR_BSS, MessageBytes::attribute(NL80211_BSS_BSSID, "\x01\x01\x01\x01\x01\x01"))
             .bytes(),
         message(1)
             .add(NL80211_ATTR_BSS, MessageBytes::attribute(NL80211_BSS_BSSID, "\x00\x11\x22\x33\x44\x55"s) +
                                        MessageBytes::attribute(NL80211_BSS_INFORMATION_ELEMENTS, elements) +
                                        attribute(NL80211_BSS_STATUS, std::uint32_t{1}))
             .bytes()});
    const std::string rate =
        attribute(NL80211_RATE_INFO_BITRATE, std::uint16_t{65}) + attribute(NL80211_RATE_INFO_BITRATE32, 1300U);
    netlink->answer(
        kFamily, NL80211_CMD_GET_STATION,
        {message(1)
             .add(NL80211_ATTR_MAC, "\x00\x11\x22\x33\x44\x55"s)
             .add(NL80211_ATTR_STA_INFO,
                  attribute(NL80211_STA_INFO_INACTIVE_TIME, 400U) + attribute(NL80211_STA_INFO_RX_BYTES, 7U) +
                      attribute(NL80211_STA_INFO_RX_PACKETS, 11U) + attribute(NL80211_STA_INFO_TX_PACKETS, 12U) +
                      attribute(NL80211_STA_INFO_SIGNAL, std::int8_t{-52}) +
                      MessageBytes::attribute(NL80211_STA_INFO_TX_BITRATE, rate) +
                      attribute(NL80211_STA_INFO_CONNECTED_TIME, 30U) +
                      attribute(NL80211_STA_INFO_RX_BYTES64, std::uint64_t{1} << 33U))
             .bytes()});
    netlink->answer(
        kFamily, NL80211_CMD_GET_SURVEY,
        {message(1)
             .add(NL80211_ATTR_SURVEY_INFO, attribute(NL80211_SURVEY_INFO_FREQUENCY, 2412U) +
                                                MessageBytes::attribute(NL80211_SURVEY_INFO_IN_USE, "") +
                                                attribute(NL80211_SURVEY_INFO_NOISE, std::int8_t{-95}) +
                                                attribute(NL80211_SURVEY_INFO_TIME_BUSY, std::uint64_t{30'000}))
             .bytes(),
         message(1).add(NL80211_ATTR_SURVEY_INFO, attribute(NL80211_SURVEY_INFO_FREQUENCY, 2412U)).bytes()});
  }
  std::shared_ptr<FakeNetlink> netlink = std::make_shared<FakeNetlink>();
};

TEST(Wifi, DescribesAnInterfaceAndItsStation) {
  Wireless fake;
  const auto run = run_registered("wifi", fake.host);
  ASSERT_TRUE(run.result) << describe(run.result.error());
  EXPECT_TRUE(run.faults.empty());
  EXPECT_EQ(sample(run.text, "node_wifi_interface_frequency_hertz{device=\"wlan0\"}"), "2412000000");
  EXPECT_EQ(sample(run.text,
                   R"(node_wifi_station_info{device="wlan0",bssid="00:11:22:33:44:55",ssid="Ho\"e",mode="client"})"),
            "1")
      << run.text;
  const auto station = [&](const std::string& name) {
    return sample(run.text, "node_wifi_station_" + name + R"({device="wlan0",mac_address="00:11:22:33:44:55"})");
  };
  EXPECT_EQ(station("inactive_seconds"), "0.4");
  EXPECT_EQ(station("connected_seconds_total"), "30");
  EXPECT_EQ(station("signal_dbm"), "-52");
  EXPECT_EQ(station("transmit_bits_per_second"), "130000000") << "the longer form wins";
  EXPECT_EQ(station("receive_bytes_total"), "8589934592");
  EXPECT_EQ(station("received_packets_total"), "11");
  EXPECT_EQ(station("transmitted_packets_total"), "12");
  EXPECT_EQ(station("beacon_loss_total"), std::nullopt) << "the driver does not say";
  const std::string channel = R"({device="wlan0",frequency_mhz="2412"})";
  EXPECT_EQ(sample(run.text, "node_wifi_survey_noise_dbm" + channel), "-95");
  EXPECT_EQ(sample(run.text, "node_wifi_survey_channel_time_busy_seconds" + channel), "30");
  EXPECT_EQ(sample(run.text, "node_wifi_survey_in_use" + channel), "1");
  EXPECT_EQ(sample(run.text, "node_wifi_survey_channel_time_seconds" + channel), std::nullopt);
}

TEST(Wifi, BearsWhatADriverRefuses) {
  Wireless fake;
  fake.netlink->answer(kFamily, NL80211_CMD_GET_STATION, {MessageBytes(NLMSG_ERROR, -EOPNOTSUPP).bytes()});
  fake.netlink->answer(kFamily, NL80211_CMD_GET_SCAN, {MessageBytes(NLMSG_ERROR, -ENODEV).bytes()});
  fake.netlink->answer(kFamily, NL80211_CMD_GET_SURVEY, {MessageBytes(NLMSG_ERROR, -EIO).bytes()});
  const auto run = run_registered("wifi", fake.host);
  ASSERT_TRUE(run.result);
  ASSERT_EQ(run.faults.size(), 1U);
  EXPECT_EQ(run.faults[0].field, "surveys");
  fake.netlink->error(GENL_ID_CTRL, ENOENT);
  EXPECT_EQ(run_registered("wifi", fake.host).result.error().code, Errc::unavailable) << "a kernel without wireless";
}

TEST(Wifi, TornElementsNameNothing) {
  const auto bss = [](const std::string& elements) {
    const std::string bytes =
        message(1)
            .add(NL80211_ATTR_BSS, MessageBytes::attribute(NL80211_BSS_INFORMATION_ELEMENTS, elements) +
                                       attribute(NL80211_BSS_STATUS, std::uint32_t{2}))
            .bytes();
    return wifi::nl80211::bss_of({kFamily, Bytes(bytes).subspan(NLMSG_HDRLEN)})->ssid;
  };
  EXPECT_EQ(bss("\x00\x05"
                "abc"s),
            "");
  EXPECT_EQ(bss("\x01"s), "");
  EXPECT_EQ(bss(""), "");
  EXPECT_EQ(bss("\x00\x02"
                "ab"s),
            "ab");
}

class WifiFixtures : public RealTree {};

TEST_F(WifiFixtures, AreReadInsteadOfTheKernel) {
  write("interfaces.json",
        R"([{"name": "wlan0", "type": 2, "frequency": 2412}, {"name": "wlan1", "frequency": 5180}, {"type": 10}])");
  write("wlan0/bss.json", R"({"ssid": "Example", "bssid": "ABEiM0RV", "status": 1})");
  write(
      "wlan0/stationinfo.json",
      R"([{"hardwareaddr": "qrvM3e7/", "connected": 30000000000, "inactive": 400000000, "signal": -52, "receivedpackets": 5}])");
  write("wlan0/surveyinfo.json",
        R"([{"frequency": 2437, "noise": -92, "channeltimeactive": 40000000000, "inuse": false}])");
  make("wifi", {{"fixtures", directory.c_str()}});
  round();
  EXPECT_TRUE(last.faults.empty());
  EXPECT_EQ(value("node_wifi_interface_frequency_hertz{device=\"wlan1\"}"), "5180000000");
  EXPECT_EQ(value(R"(node_wifi_station_info{device="wlan0",bssid="00:11:22:33:44:55",ssid="Example",mode="client"})"),
            "1");
  EXPECT_EQ(value(R"(node_wifi_station_inactive_seconds{device="wlan0",mac_address="aa:bb:cc:dd:ee:ff"})"), "0.4");
  EXPECT_EQ(value(R"(node_wifi_station_receive_bytes_total{device="wlan0",mac_address="aa:bb:cc:dd:ee:ff"})"), "0");
  EXPECT_EQ(value(R"(node_wifi_station_received_packets_total{device="wlan0",mac_address="aa:bb:cc:dd:ee:ff"})"), "5");
  EXPECT_EQ(value(R"(node_wifi_station_transmitted_packets_total{device="wlan0",mac_address="aa:bb:cc:dd:ee:ff"})"),
            "0");
  EXPECT_EQ(value(R"(node_wifi_survey_channel_time_active_seconds{device="wlan0",frequency_mhz="2437"})"), "40");
  EXPECT_EQ(value(R"(node_wifi_survey_in_use{device="wlan0",frequency_mhz="2437"})"), "0");
}

}  // namespace
}  // namespace vitalsd
