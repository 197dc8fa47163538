// A NetlinkSource that asks the kernel each time, however young the last answer is.
#pragma once

#include "core/netlink.h"

namespace vitalsd {

class UnsharedNetlink final : public NetlinkSource {
  Result<void> converse(NetlinkRequest& request, std::optional<std::chrono::nanoseconds> age,
                        NetlinkTaker& taker) override {
    const auto begin = [&taker] { taker.begin(); };
    const auto take = [&taker](const NetlinkMessage& message) { return taker.take(message); };
    return age ? source_->whole(request, {}, take) : source_->stream(request, begin, take);
  }

  std::shared_ptr<NetlinkSource> source_ = open_netlink();
};

}  // namespace vitalsd
