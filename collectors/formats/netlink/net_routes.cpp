#include "collectors/formats/netlink/net_routes.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace vitalsd::net_routes {
namespace {

constexpr std::string_view kWhere = "netlink/routes";

struct Word {
  std::uint8_t protocol;
  std::string_view word;
};
constexpr std::array kWords = {
    Word{0, "unspec"},    Word{1, "redirect"}, Word{2, "kernel"}, Word{3, "boot"},   Word{4, "static"},
    Word{8, "gated"},     Word{9, "ra"},       Word{10, "mrt"},   Word{11, "zebra"}, Word{12, "bird"},
    Word{13, "dnrouted"}, Word{14, "xorp"},    Word{15, "ntk"},   Word{16, "dhcp"},  Word{17, "mrouted"},
    Word{42, "babel"},    Word{186, "bgp"},    Word{187, "isis"}, Word{188, "ospf"}, Word{189, "rip"},
    Word{192, "eigrp"},
};

bool take(Bytes data, RouteAddress& to) {
  if (data.size() != 4 && data.size() != 16) return false;
  to.size = static_cast<std::uint8_t>(data.size());
  std::ranges::copy(data, to.bytes.begin());
  return true;
}

// Each is a struct rtnexthop with attributes behind it, aligned to four bytes.
bool add_ways(Bytes ways, const NetRoute& common, std::vector<NetRoute>& out) {
  while (!ways.empty()) {
    const auto head = value_in<rtnexthop>(ways);
    if (!head || head->rtnh_len < sizeof *head || head->rtnh_len > ways.size()) return false;
    NetRoute way = common;
    way.device = head->rtnh_ifindex;
    way.weight = static_cast<std::uint16_t>(head->rtnh_hops + 1);
    way.gateway = {};
    NetlinkAttributes attributes(ways.subspan(sizeof *head, head->rtnh_len - sizeof *head));
    while (attributes.next()) {
      if (attributes->type == RTA_GATEWAY && !take(attributes->data, way.gateway)) return false;
    }
    if (attributes.torn()) return false;
    out.push_back(way);
    const std::size_t whole = netlink_aligned(head->rtnh_len);
    ways = whole < ways.size() ? ways.subspan(whole) : Bytes();
  }
  return true;
}

}  // namespace

NetlinkRequest request() { return {NETLINK_ROUTE, RTM_GETROUTE, rtmsg{}}; }

Result<void> add(const NetlinkMessage& message, std::vector<NetRoute>& out) {
  const auto head = message.head<rtmsg>();
  if (!head || message.type != RTM_NEWROUTE) return fail(Errc::malformed, kWhere);
  const bool addressed = head->rtm_family == AF_INET || head->rtm_family == AF_INET6;
  if (head->rtm_type != RTN_UNICAST || !addressed) return {};
  NetRoute route{.prefix = head->rtm_dst_len, .protocol = head->rtm_protocol};
  Bytes ways;
  bool sound = true;
  NetlinkAttributes attributes(message.behind<rtmsg>());
  while (attributes.next()) {
    switch (attributes->type) {
      case RTA_DST: sound = sound && take(attributes->data, route.destination); break;
      case RTA_PREFSRC: sound = sound && take(attributes->data, route.source); break;
      case RTA_GATEWAY: sound = sound && take(attributes->data, route.gateway); break;
      case RTA_OIF: route.device = attributes->as<std::int32_t>().value_or(0); break;
      case RTA_PRIORITY: route.priority = attributes->as<std::uint32_t>().value_or(0); break;
      case RTA_MULTIPATH: ways = attributes->data; break;
      default: break;
    }
  }
  // A destination has an address, and no more bits than that.
  const bool whole = route.prefix == 0 || (route.destination.size > 0 && route.prefix <= 8 * route.destination.size);
  if (!sound || attributes.torn() || !whole) return fail(Errc::malformed, kWhere);
  if (route.prefix == 0) route.destination = {};  // the default route has no destination
  const std::size_t before = out.size();
  if (ways.empty()) {
    out.push_back(route);
  } else if (!add_ways(ways, route, out)) {
    out.resize(before);
    return fail(Errc::malformed, kWhere);
  }
  return {};
}

std::string_view protocol_word(std::uint8_t protocol) noexcept {
  const auto found = std::ranges::find(kWords, protocol, &Word::protocol);
  return found == kWords.end() ? "unknown" : found->word;
}

std::string_view print(const RouteAddress& address, std::string& buffer) {
  if (address.size == 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::inet_ntop(address.size == 4 ? AF_INET : AF_INET6, address.bytes.data(), text.data(), text.size()) == nullptr) {
    return {};
  }
  buffer = text.data();
  return buffer;
}

std::string_view print_destination(const NetRoute& route, std::string& buffer) {
  if (route.prefix == 0) return "default";
  print(route.destination, buffer);
  buffer.append("/").append(std::to_string(route.prefix));
  return buffer;
}

}  // namespace vitalsd::net_routes
