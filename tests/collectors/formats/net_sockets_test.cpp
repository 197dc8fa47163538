// /proc/net/tcp and udp, as Linux 6.1 writes them.
#include "collectors/formats/net/net_sockets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace vitalsd {
namespace {

const std::string kTcpHeading =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                  "
    "\n";
const std::string kUdpHeading =
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer "
    "drops  "
    "           \n";

std::string tcp(const std::string& state) {
  return "   0: 0100007F:B709 00000000:0000 " + state +
         " 00000000:00000000 00:00000000 00000000 65534        0 2183377 1 0000000063a9f91d 100 0 0 10 0\n";
}
std::string udp(const std::string& queues, const std::string& drops) {
  return "  293: 00000000:0044 00000000:0000 07 " + queues +
         " 00:00000000 00000000     0        0 1219 2 0000000000000000 " + drops + "        \n";
}

TEST(NetSockets, CountsConnectionsByState) {
  TcpStates states;
  ASSERT_TRUE(net_sockets::add(kTcpHeading + tcp("01") + tcp("0A") + tcp("01") + tcp("0B") + tcp("06"), states));
  ASSERT_TRUE(net_sockets::add(tcp("0A"), states)) << "the next piece of the file";
  const auto of = [&](std::string_view name) {
    return states
        .counts[static_cast<std::size_t>(std::ranges::find(TcpStates::kNames, name) - TcpStates::kNames.begin())];
  };
  EXPECT_EQ(of("established"), 2U);
  EXPECT_EQ(of("timewait"), 1U);
  EXPECT_EQ(of("listen"), 2U);
  EXPECT_EQ(of("closing"), 1U);
  EXPECT_EQ(of("closewait"), 0U);
}

TEST(NetSockets, ReadsAddressesOfVersion6) {
  TcpStates states;
  ASSERT_TRUE(
      net_sockets::add("   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A "
                       "00000000:00000000 00:00000000 00000000     0        0 20551 1 0000000000000000 100 0 0 10 0\n",
                       states));
  EXPECT_EQ(states.counts[9], 1U);
}

TEST(NetSockets, AddsUpUdpQueues) {
  UdpQueues queues;
  ASSERT_TRUE(net_sockets::add(kUdpHeading + udp("00000010:00000300", "5") + udp("00000001:00000000", "0"), queues));
  EXPECT_EQ(queues.sockets, 2U);
  EXPECT_EQ(queues.tx_bytes, 0x11U);
  EXPECT_EQ(queues.rx_bytes, 0x300U);
  EXPECT_EQ(queues.drops, 5U);
}

TEST(NetSockets, RefusesTheRest) {
  for (const std::string& text : {std::string("x\n"), tcp("00"), tcp("0C"), tcp("ZZ"), tcp(""), std::string("0: a\n"),
                                  std::string("0 a b 01\n")}) {
    TcpStates states;
    EXPECT_FALSE(net_sockets::add(text, states)) << text;
  }
  for (const std::string& text : {std::string("x\n"), udp("00000010", "1"), udp("x:1", "1"), udp("1:x", "1"),
                                  udp("1:100000000", "1"), udp("1:1", ""), udp("1:1", "-1")}) {
    UdpQueues queues;
    EXPECT_FALSE(net_sockets::add(text, queues)) << text;
  }
}

}  // namespace
}  // namespace vitalsd
