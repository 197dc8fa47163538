#include "collectors/kit/genetlink.h"

namespace vitalsd {

Result<std::uint16_t> genetlink_family(NetlinkSource& netlink, std::string_view name) {
  std::optional<std::uint16_t> id;
  NetlinkRequest request = genetlink_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
  request.add_text(CTRL_ATTR_FAMILY_NAME, name);
  const auto asked = netlink.stream(
      request, [&id] { id.reset(); },
      [&id](const NetlinkMessage& message) {
        NetlinkAttributes attributes(message.behind<genlmsghdr>());
        while (attributes.next()) {
          if (attributes->type == CTRL_ATTR_FAMILY_ID) id = attributes->as<std::uint16_t>();
        }
        return Result<void>();
      });
  if (!asked) return fail(asked.error());
  if (!id) return fail(Errc::malformed, "genetlink family");
  return *id;
}

}  // namespace vitalsd
