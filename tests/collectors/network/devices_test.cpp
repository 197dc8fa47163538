// Network devices from sysfs: netclass, bonding, arp.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/collectors/network/network_run.h"

namespace vitalsd {
namespace {

TEST(Netclass, LeavesOutInvalidSpeedWhenAsked) {
  FakeHost fake;
  fake.sysfs->file("class/net/eth0/operstate", "down\n").file("class/net/eth0/speed", "-1\n");
  fake.sysfs->file("class/net/bonding_masters", "\n");
  const std::string speed = "node_network_speed_bytes{device=\"eth0\"}";
  EXPECT_EQ(sample(run_registered("netclass", fake.host).text, speed), "-125000");
  const auto run = run_registered("netclass", fake.host, {{"ignore_invalid_speed", "true"}});
  EXPECT_EQ(sample(run.text, speed), std::nullopt);
  EXPECT_EQ(sample(run.text, "node_network_up{device=\"eth0\"}"), "0");
  EXPECT_EQ(run.text.find("bonding_masters"), std::string::npos);
}

TEST(Netclass, OneSilentDeviceKeepsTheRest) {
  FakeHost fake;
  fake.sysfs->file("class/net/lo/operstate", "unknown\n").file("class/net/lo/mtu", "65536\n");
  fake.sysfs->file("class/net/lo/speed", "").error("class/net/lo/speed", EINVAL);
  fake.sysfs->file("class/net/eth0/operstate", "up\n");
  const auto run = run_registered("netclass", fake.host, {{"ignored_devices", "^eth"}});
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(run.faults.empty());
  EXPECT_EQ(sample(run.text, "node_network_mtu_bytes{device=\"lo\"}"), "65536");
  EXPECT_EQ(run.text.find("eth0"), std::string::npos);
  EXPECT_EQ(run.text.find("speed"), std::string::npos);
}

TEST(Bonding, CountsSlavesOfBothPrefixes) {
  FakeHost fake;
  fake.sysfs->file("class/net/bonding_masters", "bond0 bond1\n")
      .file("class/net/bond0/bonding/slaves", "a b\n")
      .file("class/net/bond0/lower_a/bonding_slave/mii_status", "up\n")
      .file("class/net/bond0/slave_b/bonding_slave/mii_status", "down\n")
      .file("class/net/bond1/bonding/slaves", "gone\n");
  const auto run = run_registered("bonding", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_bonding_slaves{master=\"bond0\"}"), "2");
  EXPECT_EQ(sample(run.text, "node_bonding_active{master=\"bond0\"}"), "1");
  EXPECT_EQ(run.text.find("bond1"), std::string::npos) << "a count that is too low would be an alert";
}

TEST(Arp, CountsByDevice) {
  FakeHost fake;
  const std::string heading = "IP address       HW type     Flags       HW address            Mask     Device\n";
  fake.procfs->file("net/arp",
                    heading + "1.1.1.1 0x1 0x2 a * eth0\n1.1.1.2 0x1 0x2 a * eth0\nbad\n1.1.1.3 0x1 0x2 a * x\n");
  const auto run = run_registered("arp", fake.host, {{"device_exclude", "^x$"}});
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_arp_entries{device=\"eth0\"}"), "2");
  EXPECT_EQ(sample(run.text, "node_arp_entries{device=\"x\"}"), std::nullopt);
  EXPECT_EQ(run.faults.size(), 1U);
  fake.procfs->file("net/arp", heading);
  EXPECT_TRUE(run_registered("arp", fake.host).result) << "an empty table is no error";
  EXPECT_THROW(make_registered("arp", {{"device_exclude", "a"}, {"device_include", "b"}}), OptionError);
}

}  // namespace
}  // namespace vitalsd
