#include "collectors/formats/netlink/net_qdisc.h"

#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

namespace vitalsd::net_qdisc {
namespace {

constexpr std::string_view kWhere = "netlink/qdiscs";

bool take_stats(Bytes nested, NetQdisc& qdisc) {
  // As the kernel lays it out: without padding at the end.
  struct Basic {
    std::uint64_t bytes;
    std::uint32_t packets, padding;
  };
  constexpr std::size_t kBasic = 12;
  std::optional<std::uint64_t> packets;  // those of a discipline that has sent more than four thousand million
  bool hardware = false;
  NetlinkAttributes attributes(nested);
  while (attributes.next()) {
    switch (attributes->type) {
      case TCA_STATS_BASIC: {
        if (attributes->data.size() < kBasic) return false;
        qdisc.bytes = value_in<std::uint64_t>(attributes->data);
        qdisc.packets = value_in<std::uint32_t>(attributes->data.subspan(offsetof(Basic, packets)));
        hardware = false;
        break;
      }
      case TCA_STATS_BASIC_HW: hardware = true; break;  // the packets behind it are of the hardware alone
      case TCA_STATS_PKT64:
        if (!hardware) packets = attributes->as<std::uint64_t>();
        break;
      case TCA_STATS_QUEUE: {
        const auto queue = attributes->as<gnet_stats_queue>();
        if (!queue) return false;
        qdisc.queued = queue->qlen;
        qdisc.backlog = queue->backlog;
        qdisc.drops = queue->drops;
        qdisc.requeues = queue->requeues;
        qdisc.overlimits = queue->overlimits;
        break;
      }
      default: break;
    }
  }
  if (packets) qdisc.packets = packets;
  return !attributes.torn();
}

}  // namespace

NetlinkRequest request() { return {NETLINK_ROUTE, RTM_GETQDISC, tcmsg{}}; }

Result<NetQdisc> parse(const NetlinkMessage& message) {
  const auto head = message.head<tcmsg>();
  if (!head || message.type != RTM_NEWQDISC) return fail(Errc::malformed, kWhere);
  NetQdisc qdisc{.device = head->tcm_ifindex, .root = head->tcm_parent == TC_H_ROOT || head->tcm_parent == 0};
  NetlinkAttributes attributes(message.behind<tcmsg>());
  while (attributes.next()) {
    if (attributes->type == TCA_KIND) qdisc.kind = attributes->text();
    if (attributes->type == TCA_STATS2 && !take_stats(attributes->data, qdisc)) return fail(Errc::malformed, kWhere);
  }
  if (attributes.torn() || qdisc.kind.empty()) return fail(Errc::malformed, kWhere);
  return qdisc;
}

}  // namespace vitalsd::net_qdisc
