#include "collectors/formats/netlink/net_links.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace vitalsd {
namespace {

constexpr std::string_view kWhere = "netlink/links";
constexpr std::uint32_t kOfTheMoment = IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT;

using Number = std::optional<std::uint32_t> NetLink::*;
using Byte = std::optional<std::uint8_t> NetLink::*;
struct NumberAttribute {
  std::uint16_t type;
  Number to;
};
struct ByteAttribute {
  std::uint16_t type;
  Byte to;
};
constexpr std::array kNumbers = {
    NumberAttribute{IFLA_MTU, &NetLink::mtu},
    NumberAttribute{IFLA_GROUP, &NetLink::group},
    NumberAttribute{IFLA_TXQLEN, &NetLink::queue_length},
    NumberAttribute{IFLA_PROMISCUITY, &NetLink::promiscuity},
    NumberAttribute{IFLA_ALLMULTI, &NetLink::all_multicast},
    NumberAttribute{IFLA_CARRIER_CHANGES, &NetLink::carrier_changes},
    NumberAttribute{IFLA_CARRIER_UP_COUNT, &NetLink::carrier_ups},
    NumberAttribute{IFLA_CARRIER_DOWN_COUNT, &NetLink::carrier_downs},
};
constexpr std::array kBytes = {
    ByteAttribute{IFLA_OPERSTATE, &NetLink::operstate},
    ByteAttribute{IFLA_LINKMODE, &NetLink::link_mode},
    ByteAttribute{IFLA_CARRIER, &NetLink::carrier},
};

void take(const NetlinkAttribute& attribute, NetLink& link) {
  switch (attribute.type) {
    case IFLA_IFNAME: link.name = attribute.text(); return;
    case IFLA_IFALIAS: link.alias = attribute.text(); return;
    case IFLA_ADDRESS: link.address = attribute.data; return;
    case IFLA_BROADCAST: link.broadcast = attribute.data; return;
    case IFLA_LINK: link.link = attribute.as<std::int32_t>(); return;
    case IFLA_STATS64: link.stats = attribute.data; return;
    default: break;
  }
  for (const auto& [type, to] : kNumbers) {
    if (type == attribute.type) link.*to = attribute.as<std::uint32_t>();
  }
  for (const auto& [type, to] : kBytes) {
    if (type == attribute.type) link.*to = attribute.as<std::uint8_t>();
  }
}

}  // namespace

bool NetLink::is_up() const noexcept { return (flags & IFF_UP) != 0; }

std::optional<std::uint32_t> NetLink::own_flags() const noexcept {
  if (!promiscuity || !all_multicast) return std::nullopt;
  std::uint32_t own = flags & ~(kOfTheMoment | IFF_PROMISC | IFF_ALLMULTI);
  if (*promiscuity > 0) own |= IFF_PROMISC;
  if (*all_multicast > 0) own |= IFF_ALLMULTI;
  return own;
}

namespace net_links {

NetlinkRequest request() { return {NETLINK_ROUTE, RTM_GETLINK, ifinfomsg{}}; }

NetlinkRequest request(std::int32_t index) {
  ifinfomsg head{};
  head.ifi_index = index;
  NetlinkRequest request(NETLINK_ROUTE, RTM_GETLINK, head, 0);
  request.add(IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_SKIP_STATS});
  return request;
}

Result<NetLink> parse(const NetlinkMessage& message) {
  const auto head = message.head<ifinfomsg>();
  if (!head || message.type != RTM_NEWLINK) return fail(Errc::malformed, kWhere);
  NetLink link{.index = head->ifi_index, .flags = head->ifi_flags, .type = head->ifi_type};
  NetlinkAttributes attributes(message.behind<ifinfomsg>());
  while (attributes.next()) take(*attributes, link);
  if (attributes.torn() || link.name.empty() || link.name.size() > kMostNameBytes) return fail(Errc::malformed, kWhere);
  return link;
}

std::optional<NetDevice> counters_of(const NetLink& link) {
  // All up to the last of the first form (Linux 2.6.35).
  constexpr std::size_t kFirstForm = offsetof(rtnl_link_stats64, tx_compressed) + sizeof(__u64);
  if (link.stats.size() < kFirstForm) return std::nullopt;
  rtnl_link_stats64 s{};
  std::memcpy(&s, link.stats.data(), std::min(link.stats.size(), sizeof s));
  return NetDevice{
      .name = link.name,
      .counters = {s.rx_bytes, s.rx_packets, s.rx_errors, s.rx_dropped + s.rx_missed_errors, s.rx_fifo_errors,
                   s.rx_length_errors + s.rx_over_errors + s.rx_crc_errors + s.rx_frame_errors, s.rx_compressed,
                   s.multicast, s.tx_bytes, s.tx_packets, s.tx_errors, s.tx_dropped, s.tx_fifo_errors, s.collisions,
                   s.tx_carrier_errors + s.tx_aborted_errors + s.tx_window_errors + s.tx_heartbeat_errors,
                   s.tx_compressed}};
}

std::optional<std::uint64_t> statistic_of(const NetLink& link, std::size_t at) {
  return link.stats.size() > at ? value_in<std::uint64_t>(link.stats.subspan(at)) : std::nullopt;
}

std::optional<std::uint64_t> no_handler_of(const NetLink& link) {
  return statistic_of(link, offsetof(rtnl_link_stats64, rx_nohandler));
}

}  // namespace net_links
}  // namespace vitalsd
