// One network device as RTM_GETLINK describes it (include/uapi/linux/if_link.h, net/core/rtnetlink.c
// rtnl_fill_ifinfo()), and its counters in the order of /proc/net/dev.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "collectors/formats/net/net_dev.h"
#include "core/netlink_message.h"

namespace vitalsd {

/// Views of the message. What an older kernel does not send is absent.
struct NetLink {
  std::int32_t index = 0;
  std::uint32_t flags = 0;  ///< with the kernel's own of the moment: IFF_RUNNING, IFF_LOWER_UP, IFF_DORMANT
  std::uint16_t type = 0;   ///< ARPHRD_*
  std::string_view name, alias;
  Bytes address, broadcast;
  std::optional<std::uint32_t> mtu, group, queue_length, promiscuity, all_multicast;
  std::optional<std::uint32_t> carrier_changes, carrier_ups, carrier_downs;
  std::optional<std::int32_t> link;
  std::optional<std::uint8_t> operstate, link_mode, carrier;
  Bytes stats;  ///< IFLA_STATS64

  bool is_up() const noexcept;
  /// What /sys/class/net/NAME/flags has: without the flags of the moment, and with IFF_PROMISC and IFF_ALLMULTI for
  /// whoever wants them. Absent where the kernel does not send enough (before Linux 6.0).
  std::optional<std::uint32_t> own_flags() const noexcept;
};

namespace net_links {

inline constexpr std::size_t kMostNameBytes = 15;

/// A request for all devices of the namespace.
NetlinkRequest request();
/// One for the device of this number, without its counters.
NetlinkRequest request(std::int32_t index);
/// Malformed: a message that is torn, or of a device without a name.
Result<NetLink> parse(const NetlinkMessage& message);

/// The columns of /proc/net/dev, added up as net/core/net-procfs.c does; the name is the link's.
std::optional<NetDevice> counters_of(const NetLink& link);
/// The counter at this offset in struct rtnl_link_stats64; absent where the kernel does not send it.
std::optional<std::uint64_t> statistic_of(const NetLink& link, std::size_t at);
/// Packets that nobody wanted on a device that is not the active one of its master; since Linux 4.6.
std::optional<std::uint64_t> no_handler_of(const NetLink& link);

}  // namespace net_links
}  // namespace vitalsd
