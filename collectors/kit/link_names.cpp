#include "collectors/kit/link_names.h"

#include <algorithm>

#include "collectors/formats/net_links.h"

namespace vitalsd {

Result<void> LinkNames::read(NetlinkSource& netlink, CollectContext& context) {
  text_.clear();
  entries_.clear();
  const auto asked =
      netlink.whole(net_links::request(), std::chrono::seconds(1), [this, &context](const NetlinkMessage& message) {
        const auto link = net_links::parse(message);
        if (!link) {
          context.faults.partial("netlink", "link", link.error(), {});
        } else {
          entries_.push_back(
              {link->index, static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(link->name.size())});
          text_.append(link->name);
        }
        return Result<void>();
      });
  std::ranges::sort(entries_, {}, &Entry::index);
  return asked;
}

std::string_view LinkNames::find(std::int32_t index) const noexcept {
  const auto found = std::ranges::lower_bound(entries_, index, {}, &Entry::index);
  if (found == entries_.end() || found->index != index) return {};
  return (*this)[static_cast<std::size_t>(found - entries_.begin())];
}

}  // namespace vitalsd
