// The formats of /proc/net/tcp and udp (net/ipv4/tcp_ipv4.c tcp4_seq_show(), net/ipv4/udp.c udp4_seq_show()) and of
// tcp6 and udp6: a heading, then one line per socket.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// The number of connections in each state. The index is the kernel's state number minus one
/// (include/net/tcp_states.h).
struct TcpStates {
  static constexpr std::array<std::string_view, 11> kNames = {"established", "synsent",  "synrecv", "finwait1",
                                                              "finwait2",    "timewait", "close",   "closewait",
                                                              "lastack",     "listen",   "closing"};
  std::array<std::uint64_t, kNames.size()> counts{};
};

/// Sums over all sockets: bytes waiting to be sent and to be read, and dropped datagrams.
struct UdpQueues {
  std::uint64_t sockets = 0, tx_bytes = 0, rx_bytes = 0, drops = 0;
};

/// The connections by state, and the sums of their queues.
struct TcpSockets {
  TcpStates states;
  std::uint64_t tx_bytes = 0, rx_bytes = 0;
};

namespace net_sockets {
/// Adds whole lines of the file; the first may be the heading. A line that is not a socket makes the whole file
/// malformed, unlike in other formats: only sums are reported, and without one socket they would be wrong.
Result<void> add(std::string_view lines, TcpStates& to);
Result<void> add(std::string_view lines, UdpQueues& to);
Result<void> add(std::string_view lines, TcpSockets& to);
}  // namespace net_sockets

}  // namespace vitalsd
