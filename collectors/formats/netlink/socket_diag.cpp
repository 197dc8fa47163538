#include "collectors/formats/netlink/socket_diag.h"

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

namespace vitalsd::socket_diag {
namespace {

constexpr std::string_view kWhere = "netlink/sockets";

// Where include/net/tcp_states.h has it; "listen" in TcpStates::kNames.
constexpr std::size_t kListen = 10;
static_assert(TcpStates::kNames[kListen - 1] == "listen");

// Those of the table, which are the ones that /proc shows: not sockets that are bound and nothing more (Linux 6.8).
constexpr std::uint32_t kStates = ((1U << TcpStates::kNames.size()) - 1) << 1U;

Result<inet_diag_msg> socket_of(const NetlinkMessage& message) {
  const auto socket = message.head<inet_diag_msg>();
  if (!socket || message.type != SOCK_DIAG_BY_FAMILY) return fail(Errc::malformed, kWhere);
  return *socket;
}

}  // namespace

NetlinkRequest request(int family, int protocol) {
  inet_diag_req_v2 head{};
  head.sdiag_family = static_cast<__u8>(family);
  head.sdiag_protocol = static_cast<__u8>(protocol);
  head.idiag_states = kStates;
  return {NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, head};
}

Result<void> add(const NetlinkMessage& message, TcpSockets& to) {
  const auto socket = socket_of(message);
  if (!socket) return fail(socket.error());
  const std::size_t state = socket->idiag_state;
  if (state == 0 || state > to.states.counts.size()) return fail(Errc::malformed, kWhere);
  ++to.states.counts[state - 1];
  to.rx_bytes += socket->idiag_rqueue;
  // Of one that listens it is how many connections may wait, which /proc does not show as a queue.
  if (state != kListen) to.tx_bytes += socket->idiag_wqueue;
  return {};
}

Result<void> add(const NetlinkMessage& message, UdpQueues& to) {
  const auto socket = socket_of(message);
  if (!socket) return fail(socket.error());
  ++to.sockets;
  to.rx_bytes += socket->idiag_rqueue;
  to.tx_bytes += socket->idiag_wqueue;
  return {};
}

}  // namespace vitalsd::socket_diag
