// Routes as RTM_GETROUTE gives them (include/uapi/linux/rtnetlink.h): one for each way that packets may take.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/netlink_message.h"

namespace vitalsd {

/// The bytes of an address; none where `size` is 0.
struct RouteAddress {
  std::uint8_t size = 0;  ///< 4 or 16
  std::array<char, 16> bytes{};
  auto operator<=>(const RouteAddress&) const = default;
};

struct NetRoute {
  std::int32_t device = 0;  ///< its number; 0: none
  RouteAddress destination, source, gateway;
  std::uint8_t prefix = 0;  ///< bits of the destination; 0 is the default route
  std::uint8_t protocol = 0;
  std::uint32_t priority = 0;
  std::uint16_t weight = 0;  ///< of one of several ways; 0: it is the only one
  auto operator<=>(const NetRoute&) const = default;
};

namespace net_routes {

/// A request for the routes of all families and tables.
NetlinkRequest request();
/// Appends the ways of one route; nothing of what is no route to a destination (local, broadcast, unreachable).
/// Malformed: a message that is torn; then nothing is appended.
Result<void> add(const NetlinkMessage& message, std::vector<NetRoute>& out);

/// node_exporter's words: "kernel", "static", ..., "unknown".
std::string_view protocol_word(std::uint8_t protocol) noexcept;
/// An address as text; empty for none.
std::string_view print(const RouteAddress& address, std::string& buffer);
/// "10.0.0.0/8", or "default".
std::string_view print_destination(const NetRoute& route, std::string& buffer);

}  // namespace net_routes
}  // namespace vitalsd
