// A queueing discipline as RTM_GETQDISC gives it (include/uapi/linux/gen_stats.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/netlink_message.h"

namespace vitalsd {

/// Views of the message. What the kernel does not give is absent.
struct NetQdisc {
  std::int32_t device = 0;  ///< its number
  bool root = false;        ///< of the device itself, not within another discipline
  std::string_view kind;
  std::optional<std::uint64_t> bytes, packets;
  std::optional<std::uint32_t> queued, backlog, drops, requeues, overlimits;
};

namespace net_qdisc {
/// A request for those of all devices.
NetlinkRequest request();
/// Malformed: a message that is torn, or without a kind.
Result<NetQdisc> parse(const NetlinkMessage& message);
}  // namespace net_qdisc

}  // namespace vitalsd
