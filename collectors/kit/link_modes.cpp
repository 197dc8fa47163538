#include "collectors/kit/link_modes.h"

#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>

#include <algorithm>

#include "collectors/kit/genetlink.h"

namespace vitalsd {
namespace {

constexpr std::string_view duplex_word(std::uint8_t duplex) {
  if (duplex == DUPLEX_HALF) return "half";
  return duplex == DUPLEX_FULL ? "full" : "unknown";
}

}  // namespace

namespace link_modes {

std::optional<LinkMode> parse(const NetlinkMessage& message) {
  std::optional<std::uint32_t> index, megabits;
  std::optional<std::uint8_t> duplex;
  NetlinkAttributes attributes(message.behind<genlmsghdr>());
  while (attributes.next()) {
    switch (attributes->type) {
      case ETHTOOL_A_LINKMODES_HEADER: {
        NetlinkAttributes header(attributes->data);
        while (header.next()) {
          if (header->type == ETHTOOL_A_HEADER_DEV_INDEX) index = header->as<std::uint32_t>();
        }
        break;
      }
      case ETHTOOL_A_LINKMODES_SPEED: megabits = attributes->as<std::uint32_t>(); break;
      case ETHTOOL_A_LINKMODES_DUPLEX: duplex = attributes->as<std::uint8_t>(); break;
      default: break;
    }
  }
  if (attributes.torn() || !index || !megabits || !duplex) return std::nullopt;
  return LinkMode{static_cast<std::int32_t>(*index), static_cast<std::int32_t>(*megabits), duplex_word(*duplex)};
}

}  // namespace link_modes

Result<void> LinkModes::read(NetlinkSource& netlink) {
  modes_.clear();
  if (!family_) {
    const auto family = genetlink_family(netlink, ETHTOOL_GENL_NAME);
    if (!family && family.error().code != Errc::unavailable) return fail(family.error());
    family_ = family;
  }
  if (!*family_) return fail(family_->error());
  NetlinkRequest request = genetlink_request(**family_, ETHTOOL_MSG_LINKMODES_GET);
  const auto header = request.begin_nest(ETHTOOL_A_LINKMODES_HEADER);
  request.add(ETHTOOL_A_HEADER_FLAGS, std::uint32_t{ETHTOOL_FLAG_COMPACT_BITSETS});
  request.end_nest(header);
  const auto asked = netlink.stream(
      request, [this] { modes_.clear(); },
      [this](const NetlinkMessage& message) {
        if (const auto mode = link_modes::parse(message)) modes_.push_back(*mode);
        return Result<void>();
      });
  std::ranges::sort(modes_, {}, &LinkMode::index);
  return asked;
}

const LinkMode* LinkModes::find(std::int32_t index) const noexcept {
  const auto found = std::ranges::lower_bound(modes_, index, {}, &LinkMode::index);
  return found != modes_.end() && found->index == index ? &*found : nullptr;
}

}  // namespace vitalsd
