// Sockets over netlink: with messages made by hand, and against the files of a real kernel.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/fd.h"
#include "tests/collectors/network/real_network.h"
#include "tests/fakes/fake_netlink.h"

namespace vitalsd {
namespace {

std::string socket_in(int state, unsigned rx, unsigned tx) {
  inet_diag_msg head{};
  head.idiag_family = AF_INET;
  head.idiag_state = static_cast<__u8>(state);
  head.idiag_rqueue = rx;
  head.idiag_wqueue = tx;
  return MessageBytes(SOCK_DIAG_BY_FAMILY, head).bytes();
}

struct NetlinkHost : FakeHost {
  NetlinkHost() { host.netlink = netlink; }
  std::shared_ptr<FakeNetlink> netlink = std::make_shared<FakeNetlink>();
};

TEST(TcpstatNetlink, AddsBothFamilies) {
  NetlinkHost fake;
  fake.netlink->answer(SOCK_DIAG_BY_FAMILY, AF_INET, {socket_in(1, 10, 20), socket_in(10, 3, 128), socket_in(1, 1, 2)});
  fake.netlink->answer(SOCK_DIAG_BY_FAMILY, AF_INET6, {socket_in(1, 100, 200)});
  const auto run = run_registered("tcpstat", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_tcp_connection_states{state=\"established\"}"), "3");
  EXPECT_EQ(sample(run.text, "node_tcp_connection_states{state=\"listen\"}"), "1");
  EXPECT_EQ(sample(run.text, "node_tcp_connection_states{state=\"rx_queued_bytes\"}"), "114");
  EXPECT_EQ(sample(run.text, "node_tcp_connection_states{state=\"tx_queued_bytes\"}"), "222")
      << "no backlog of a listener";
}

TEST(TcpstatNetlink, ASocketThatMakesNoSenseCostsTheSums) {
  for (const std::string& bad :
       {socket_in(0, 1, 1), socket_in(12, 1, 1), MessageBytes(SOCK_DIAG_BY_FAMILY, 1).bytes()}) {
    NetlinkHost fake;
    fake.netlink->answer(SOCK_DIAG_BY_FAMILY, {socket_in(1, 1, 1), bad});
    const auto run = run_registered("tcpstat", fake.host);
    ASSERT_FALSE(run.result);
    EXPECT_EQ(run.result.error().code, Errc::malformed);
  }
}

TEST(UdpQueuesNetlink, ReportsWhatTheKernelHas) {
  NetlinkHost fake;
  fake.procfs->file("net/udp", "");
  fake.netlink->answer(SOCK_DIAG_BY_FAMILY, {socket_in(7, 5, 6), socket_in(1, 50, 60)});
  const auto run = run_registered("udp_queues", fake.host);
  ASSERT_TRUE(run.result);
  EXPECT_EQ(sample(run.text, "node_udp_queues{queue=\"rx\",ip=\"v4\"}"), "55");
  EXPECT_EQ(sample(run.text, "node_udp_queues{queue=\"tx\",ip=\"v4\"}"), "66");
  EXPECT_EQ(run.text.find("v6"), std::string::npos) << "a kernel without IPv6 has no empty queues of it";
}

/// A socket that has `bytes` waiting to be read by nobody, and one that sent them.
std::pair<Fd, Fd> pair_of(int type, int family, std::size_t bytes) {
  sockaddr_storage address{};
  socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  address.ss_family = static_cast<sa_family_t>(family);
  if (family == AF_INET) {
    reinterpret_cast<sockaddr_in&>(address).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  } else {
    reinterpret_cast<sockaddr_in6&>(address).sin6_addr = in6addr_loopback;
  }
  auto* at = reinterpret_cast<sockaddr*>(&address);
  Fd receiver(::socket(family, type, 0)), sender(::socket(family, type, 0));
  (void)::bind(receiver.get(), at, size);
  if (type == SOCK_STREAM) (void)::listen(receiver.get(), 17);
  (void)::getsockname(receiver.get(), at, &size);
  (void)::connect(sender.get(), at, size);
  const std::string text(bytes, 'x');
  (void)::send(sender.get(), text.data(), text.size(), MSG_NOSIGNAL);
  return {std::move(receiver), std::move(sender)};
}

TEST(RealSockets, TcpstatSaysWhatTheFilesSay) {
  EXPECT_IN_OWN_NETWORK(
      []() -> std::string {
        const auto one = pair_of(SOCK_STREAM, AF_INET, 1000);
        const auto other = pair_of(SOCK_STREAM, AF_INET6, 2000);
        {
          const auto gone = pair_of(SOCK_STREAM, AF_INET, 10);
        }
        const Clock clock;
        const auto run = run_registered("tcpstat", real_host(clock, true));
        return difference("tcpstat") +
               sample(run.text, "node_tcp_connection_states{state=\"listen\"}").value_or("absent") + " " +
               sample(run.text, "node_tcp_connection_states{state=\"established\"}").value_or("absent");
      },
      "2 4");
}

TEST(RealSockets, UdpQueuesSaysWhatTheFilesSay) {
  EXPECT_IN_OWN_NETWORK(
      []() -> std::string {
        const auto one = pair_of(SOCK_DGRAM, AF_INET, 1000);
        const auto other = pair_of(SOCK_DGRAM, AF_INET6, 2000);
        const Clock clock;
        const auto run = run_registered("udp_queues", real_host(clock, true));
        const auto rx = sample(run.text, "node_udp_queues{queue=\"rx\",ip=\"v6\"}");
        return difference("udp_queues") + (rx && *rx != "0" ? "waiting" : "nothing waits");
      },
      "waiting");
}

}  // namespace
}  // namespace vitalsd
