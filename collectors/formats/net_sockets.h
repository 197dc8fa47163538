// The formats of /proc/net/tcp and udp (net/ipv4/tcp_ipv4.c tcp4_seq_show(), net/ipv4/udp.c udp4_seq_show()) and of
// tcp6 and udp6: a heading, then a line for each socket.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// How many connections are in each state, by the kernel's numbers less one (include/net/tcp_states.h).
struct TcpStates {
  static constexpr std::array<std::string_view, 11> kNames = {"established", "synsent",  "synrecv", "finwait1",
                                                              "finwait2",    "timewait", "close",   "closewait",
                                                              "lastack",     "listen",   "closing"};
  std::array<std::uint64_t, kNames.size()> counts{};
};

/// Sums over all sockets: bytes that wait to be sent and to be read, and datagrams that were dropped.
struct UdpQueues {
  std::uint64_t sockets = 0, tx_bytes = 0, rx_bytes = 0, drops = 0;
};

/// The states, and what all connections together have in their queues.
struct TcpSockets {
  TcpStates states;
  std::uint64_t tx_bytes = 0, rx_bytes = 0;
};

namespace net_sockets {
/// Adds whole lines of the file, of which the first may be the heading. Malformed: a line that is not of a socket. It
/// costs the file, unlike elsewhere: only sums are reported, and without one of their sockets they would be wrong.
Result<void> add(std::string_view lines, TcpStates& to);
Result<void> add(std::string_view lines, UdpQueues& to);
Result<void> add(std::string_view lines, TcpSockets& to);
}  // namespace net_sockets

}  // namespace vitalsd
