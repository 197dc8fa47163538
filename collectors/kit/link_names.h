// The names of the network devices by the numbers that messages of netlink have for them.
//   LinkNames names; names.read(*netlink, context); names.find(2)  ->  "eth0"
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/collector.h"
#include "core/netlink.h"

namespace vitalsd {

class LinkNames {
 public:
  /// As of at most a second ago. Messages that make no sense are reported, and left out.
  Result<void> read(NetlinkSource& netlink, CollectContext& context);
  /// The names of these devices at least: a few are asked for one by one. One that went away is left out.
  Result<void> read(NetlinkSource& netlink, CollectContext& context, std::span<const std::int32_t> devices);
  /// Empty for a device that is not, or not any more. Valid until the next read().
  std::string_view find(std::int32_t index) const noexcept;
  /// All of them, by their numbers.
  std::size_t size() const noexcept { return entries_.size(); }
  std::string_view operator[](std::size_t i) const noexcept {
    return std::string_view(text_).substr(entries_[i].offset, entries_[i].size);
  }

 private:
  void add(const NetlinkMessage& message, CollectContext& context);

  struct Entry {
    std::int32_t index;
    std::uint32_t offset, size;
  };
  std::string text_;
  std::vector<Entry> entries_;
};

}  // namespace vitalsd
