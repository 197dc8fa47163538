// TCP and UDP sockets as NETLINK_SOCK_DIAG gives them (include/uapi/linux/inet_diag.h, net/ipv4/inet_diag.c): what the
// lines of /proc/net/tcp and udp say, without the text.
#pragma once

#include "collectors/formats/net/net_sockets.h"
#include "core/netlink_message.h"

namespace vitalsd::socket_diag {

/// A request for all sockets of AF_INET or AF_INET6, and of IPPROTO_TCP or IPPROTO_UDP.
NetlinkRequest request(int family, int protocol);

/// Adds one socket. Malformed: what is none. As with the files, it costs the whole: only sums are reported.
Result<void> add(const NetlinkMessage& message, TcpSockets& to);
Result<void> add(const NetlinkMessage& message, UdpQueues& to);

}  // namespace vitalsd::socket_diag
