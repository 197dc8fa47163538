// One entry of the neighbour table as RTM_GETNEIGH gives it (include/uapi/linux/neighbour.h).
#pragma once

#include <cstdint>
#include <string_view>

#include "core/netlink_message.h"

namespace vitalsd {

struct NeighbourEntry {
  std::int32_t device = 0;  ///< its number
  std::uint16_t state = 0;  ///< NUD_*
  /// Whether /proc/net/arp has it, too: not what needs no ARP, and not what has not been asked for yet.
  bool is_entry() const noexcept;
  /// node_exporter's word; empty for a state that it has none for.
  std::string_view state_word() const noexcept;
};

namespace neighbour {
/// A request for the neighbours over IPv4.
NetlinkRequest request();
/// Malformed: what is no neighbour.
Result<NeighbourEntry> parse(const NetlinkMessage& message);
}  // namespace neighbour

}  // namespace vitalsd
