// The formats of /proc/net/ip_vs and ip_vs_stats (net/netfilter/ipvs/ip_vs_ctl.c): services and their real servers.
//   TCP  C0A80016:0CEA wlc
//     -> C0A85216:0CEA      Tunnel  100    248        2
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// An address as the kernel prints it, IPv4 in hexadecimal or IPv6 in brackets.
struct IpvsAddress {
  std::array<std::uint8_t, 16> bytes{};
  std::uint8_t size = 0;  ///< 4, 16, or 0: none
  auto operator<=>(const IpvsAddress&) const = default;
};

/// A real server of a service. All texts are views into the parsed text.
struct IpvsBackend {
  IpvsAddress local;
  std::uint16_t local_port = 0;
  IpvsAddress remote;
  std::uint16_t remote_port = 0;
  std::string_view proto;  ///< TCP, UDP, SCTP, FWM
  std::string_view mark;   ///< for FWM
  std::uint64_t active = 0, inactive = 0, weight = 0;
};

struct IpvsTotals {
  std::uint64_t connections = 0, incoming_packets = 0, outgoing_packets = 0, incoming_bytes = 0, outgoing_bytes = 0;
};

namespace ip_vs {
inline constexpr std::size_t kMostBackends = 65536;

/// Replaces `out`. Handles bad lines as core/lines.h does. The servers of a malformed service are left out, too.
Result<void> parse(std::string_view text, std::vector<IpvsBackend>& out, FaultSink& faults);
Result<IpvsTotals> parse_totals(std::string_view text);
}  // namespace ip_vs

}  // namespace vitalsd
