// /proc/net/dev, with the names that devices can have.
#include "collectors/formats/net/net_dev.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

NoFaults no_faults;

const std::string kHeading =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier "
    "compressed\n";
const std::string kNumbers = " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";

TEST(NetDev, ReadsDevices) {
  std::vector<NetDevice> devices;
  const std::string text = kHeading + "    lo:" + kNumbers + "eth0:1" + kNumbers.substr(2);
  ASSERT_TRUE(net_dev::parse(text, devices, no_faults));
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0].name, "lo");
  EXPECT_EQ(devices[0].counters,
            (std::array<std::uint64_t, 16>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
  EXPECT_EQ(devices[1].name, "eth0");
  EXPECT_EQ(devices[1].counters[NetDevice::rx_bytes], 1U);
  EXPECT_EQ(devices[1].counters[NetDevice::tx_compressed], 16U);
}

TEST(NetDev, TakesAnyName) {
  std::vector<NetDevice> devices;
  for (const std::string name : {"eth0:1", "a|b", "\xff\xfe", "\"", "12", "1:2:3", "br-0123456789ab"}) {
    const std::string text = kHeading + " " + name + ":" + kNumbers;
    ASSERT_TRUE(net_dev::parse(text, devices, no_faults)) << name;
    ASSERT_EQ(devices.size(), 1U);
    EXPECT_EQ(devices[0].name, name);
    EXPECT_EQ(devices[0].counters[NetDevice::rx_bytes], 1U) << name;
  }
}

TEST(NetDev, AMachineMayHaveNone) {
  std::vector<NetDevice> devices(3);
  ASSERT_TRUE(net_dev::parse(kHeading, devices, no_faults));
  EXPECT_TRUE(devices.empty());
}

TEST(NetDev, RefusesTheRest) {
  using namespace std::string_literals;
  std::vector<NetDevice> devices;
  for (const std::string& text :
       {""s, "one|line"s, "no\nheading\n"s, kHeading + "lo" + kNumbers, kHeading + ":" + kNumbers, kHeading + "lo:\n",
        kHeading + "lo: 1 2 3\n", kHeading + "lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 x\n",
        kHeading + "lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 -1\n",
        kHeading + "lo: 18446744073709551616 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"}) {
    EXPECT_FALSE(net_dev::parse(text, devices, no_faults)) << text;
  }
}

TEST(NetDev, ABadLineCostsItself) {
  std::vector<NetDevice> devices;
  RecordingFaults lost;
  const std::string text = kHeading + "bad" + kNumbers + "a: 1 -2 3\nlo:" + kNumbers + "eth0: 1 2";
  ASSERT_TRUE(net_dev::parse(text, devices, lost));
  ASSERT_EQ(devices.size(), 1U);
  EXPECT_EQ(devices[0].name, "lo");
  ASSERT_EQ(lost.faults.size(), 3U);
  EXPECT_EQ(lost.faults[0].entity, "bad");
  EXPECT_EQ(lost.faults[1].entity, "a");
  EXPECT_EQ(lost.faults[2].entity, "eth0");
}

}  // namespace
}  // namespace vitalsd
