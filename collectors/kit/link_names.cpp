#include "collectors/kit/link_names.h"

#include <algorithm>

#include "collectors/formats/netlink/net_links.h"

namespace vitalsd {
namespace {

constexpr std::size_t kFew = 16;  // a device costs a hundredth of a thousand

}  // namespace

Result<void> LinkNames::read(NetlinkSource& netlink, CollectContext& context) {
  text_.clear();
  entries_.clear();
  const auto asked =
      netlink.whole(net_links::request(), std::chrono::seconds(1), [this, &context](const NetlinkMessage& message) {
        add(message, context);
        return Result<void>();
      });
  std::ranges::sort(entries_, {}, &Entry::index);
  return asked;
}

Result<void> LinkNames::read(NetlinkSource& netlink, CollectContext& context, std::span<const std::int32_t> devices) {
  if (devices.size() > kFew) return read(netlink, context);
  text_.clear();
  entries_.clear();
  for (const std::int32_t device : devices) {
    const auto asked = netlink.stream(
        net_links::request(device), [] {},
        [this, &context](const NetlinkMessage& message) {
          add(message, context);
          return Result<void>();
        });
    if (!asked && asked.error().code != Errc::vanished) return asked;
  }
  std::ranges::sort(entries_, {}, &Entry::index);
  return {};
}

void LinkNames::add(const NetlinkMessage& message, CollectContext& context) {
  const auto link = net_links::parse(message);
  if (!link) return context.faults.partial("netlink", "link", link.error(), {});
  entries_.push_back(
      {link->index, static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(link->name.size())});
  text_.append(link->name);
}

std::string_view LinkNames::find(std::int32_t index) const noexcept {
  const auto found = std::ranges::lower_bound(entries_, index, {}, &Entry::index);
  if (found == entries_.end() || found->index != index) return {};
  return (*this)[static_cast<std::size_t>(found - entries_.begin())];
}

}  // namespace vitalsd
