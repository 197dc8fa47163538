// Every reader of a kind of netlink message, given any message: what it returns lies within the message.
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "collectors/formats/netlink/neighbour.h"
#include "collectors/formats/netlink/net_links.h"
#include "collectors/formats/netlink/net_qdisc.h"
#include "collectors/formats/netlink/net_routes.h"
#include "collectors/formats/netlink/socket_diag.h"
#include "collectors/kit/link_modes.h"
#include "collectors/network/wifi/nl80211.h"

namespace {

using namespace vitalsd;

void require_within(Bytes all, std::string_view part) {
  if (part.empty()) return;
  if (part.data() < all.data() || part.data() + part.size() > all.data() + all.size()) std::abort();
}

void read_link(const NetlinkMessage& message) {
  const auto link = net_links::parse(message);
  if (!link) return;
  require_within(message.body, link->name);
  require_within(message.body, link->alias);
  require_within(message.body, {link->stats.data(), link->stats.size()});
  if (link->name.empty() || link->name.size() > net_links::kMostNameBytes) std::abort();
  (void)net_links::counters_of(*link);
  (void)net_links::no_handler_of(*link);
}

void read_routes(const NetlinkMessage& message) {
  std::vector<NetRoute> routes;
  const bool added = net_routes::add(message, routes).has_value();
  if (!added && !routes.empty()) std::abort();
  std::string buffer;
  for (const NetRoute& route : routes) {
    if (net_routes::print_destination(route, buffer).size() < 4) std::abort();
    if (route.gateway.size > 0 && net_routes::print(route.gateway, buffer).empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes body(reinterpret_cast<const char*>(data), size);
  read_link({RTM_NEWLINK, body});
  read_routes({RTM_NEWROUTE, body});
  (void)neighbour::parse({RTM_NEWNEIGH, body});
  if (const auto qdisc = net_qdisc::parse({RTM_NEWQDISC, body})) require_within(body, qdisc->kind);
  (void)link_modes::parse({30, body});
  (void)wifi::nl80211::interface_of({30, body});
  (void)wifi::nl80211::station_of({30, body});
  (void)wifi::nl80211::survey_of({30, body});
  if (const auto bss = wifi::nl80211::bss_of({30, body}); bss && bss->ssid.size() > 255) std::abort();
  TcpSockets tcp;
  UdpQueues udp;
  (void)socket_diag::add({SOCK_DIAG_BY_FAMILY, body}, tcp);
  (void)socket_diag::add({SOCK_DIAG_BY_FAMILY, body}, udp);
  return 0;
}
