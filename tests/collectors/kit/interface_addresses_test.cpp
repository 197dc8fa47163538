#include "collectors/kit/interface_addresses.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "tests/collectors/network/network_run.h"

namespace vitalsd {
namespace {

std::string_view scope(const char* text) {
  sockaddr_in6 v6{.sin6_family = AF_INET6};
  if (::inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) return scope_of(reinterpret_cast<const sockaddr&>(v6));
  sockaddr_in v4{.sin_family = AF_INET};
  EXPECT_EQ(::inet_pton(AF_INET, text, &v4.sin_addr), 1) << text;
  return scope_of(reinterpret_cast<const sockaddr&>(v4));
}

TEST(InterfaceAddresses, HaveTheScopeThatNodeExporterSays) {
  EXPECT_EQ(scope("127.0.0.1"), "link-local");
  EXPECT_EQ(scope("169.254.1.1"), "link-local");
  EXPECT_EQ(scope("224.0.0.5"), "link-local");
  EXPECT_EQ(scope("10.1.2.3"), "global");
  EXPECT_EQ(scope("255.255.255.255"), "");
  EXPECT_EQ(scope("224.0.1.1"), "");
  EXPECT_EQ(scope("::1"), "link-local");
  EXPECT_EQ(scope("fe80::1"), "link-local");
  EXPECT_EQ(scope("ff01::1"), "interface-local");
  EXPECT_EQ(scope("fd00::1"), "global");
  EXPECT_EQ(scope("::"), "");
}

// The addresses of this machine are unknown, but their form is known, and every active network namespace has a
// loopback.
TEST(InterfaceAddresses, AreReportedWhenAsked) {
  bool well_formed = true;
  const auto asked = each_interface_address([&well_formed](const InterfaceAddress& a) {
    if (a.device.empty() || a.address.empty() || a.netmask.empty()) well_formed = false;
  });
  EXPECT_TRUE(asked);
  EXPECT_TRUE(well_formed);
}

TEST(InterfaceAddresses, AreNotThoseOfFixtures) {
  FakeHost fake;
  fake.procfs->file("net/dev", "a|b|c\na|b|c\n");
  const auto run = run_registered("netdev", fake.host, {{"address_info", "true"}});
  ASSERT_TRUE(run.result);
  EXPECT_EQ(run.text.find("address"), std::string::npos);
}

TEST(InterfaceAddresses, FollowTheDeviceFilters) {
  FakeClock clock;
  const Host host{.procfs = open_directory("/proc"), .clock = &clock};
  constexpr std::string_view kLoopback = "node_network_address_info{device=\"lo\"";
  if (run_registered("netdev", host, {{"address_info", "true"}}).text.find(kLoopback) == std::string::npos)
    GTEST_SKIP() << "the loopback has no address here";
  const auto run = run_registered("netdev", host, {{"address_info", "true"}, {"device_exclude", "^lo$"}});
  EXPECT_TRUE(run.result);
  EXPECT_EQ(run.text.find(kLoopback), std::string::npos) << run.text;
}

TEST(InterfaceAddresses, AreNotAskedForOnTheLoop) {
  FakeHost fake;
  fake.procfs->file("net/dev", "a|b|c\na|b|c\n");
  fake.host.opening = std::make_unique<OpenRule>(OpenRule{.kept_only = true});
  EXPECT_TRUE(run_registered("netdev", fake.host).result);
  EXPECT_FALSE(fake.host.opening->opened);
  EXPECT_FALSE(run_registered("netdev", fake.host, {{"address_info", "true"}}).result);
  EXPECT_TRUE(fake.host.opening->opened);
}

}  // namespace
}  // namespace vitalsd
