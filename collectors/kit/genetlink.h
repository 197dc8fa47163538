// Families of generic netlink, which have a number that the kernel gives them when they are loaded
// (Documentation/networking/generic_netlink.rst).
//   const auto id = genetlink_family(netlink, "nl80211");
#pragma once

#include <linux/genetlink.h>

#include <cstdint>
#include <string_view>

#include "core/netlink.h"

namespace vitalsd {

/// Errors: unavailable (the kernel has no such family), or what the source says.
Result<std::uint16_t> genetlink_family(NetlinkSource& netlink, std::string_view name);

inline NetlinkRequest genetlink_request(std::uint16_t family, std::uint8_t command, std::uint16_t flags = NLM_F_DUMP) {
  return {NETLINK_GENERIC, family, genlmsghdr{.cmd = command, .version = 1, .reserved = 0}, flags};
}

}  // namespace vitalsd
