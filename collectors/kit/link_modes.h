// Speed and duplex of all network devices in one answer (Documentation/networking/ethtool-netlink.rst, LINKMODES_GET),
// which says what /sys/class/net/NAME/speed and duplex say; since Linux 5.6.
//   LinkModes modes; if (modes.read(netlink)) modes.find(2)->megabits;
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/netlink.h"

namespace vitalsd {

struct LinkMode {
  std::int32_t index = 0;
  std::int32_t megabits = -1;  ///< per second; -1: the driver does not know
  std::string_view duplex;     ///< "half", "full" or "unknown"
};

class LinkModes {
 public:
  /// Errors: unavailable for good where the kernel lacks it; what else fails may succeed the next time.
  Result<void> read(NetlinkSource& netlink);
  /// Null for a device that has no such settings.
  const LinkMode* find(std::int32_t index) const noexcept;

 private:
  std::optional<Result<std::uint16_t>> family_;
  std::vector<LinkMode> modes_;
};

namespace link_modes {
/// Nothing where a message makes no sense.
std::optional<LinkMode> parse(const NetlinkMessage& message);
}  // namespace link_modes

}  // namespace vitalsd
