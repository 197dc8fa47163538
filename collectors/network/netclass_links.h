// Collector `netclass` over netlink: one answer of all devices instead of twenty files for each.
#pragma once

#include <string>
#include <vector>

#include "collectors/formats/net_links.h"
#include "collectors/kit/link_modes.h"
#include "collectors/network/netclass_families.h"
#include "core/collector.h"
#include "core/filter.h"

namespace vitalsd::netclass {

class Links {
 public:
  Links(Filter devices, bool ignore_invalid_speed)
      : devices_(std::move(devices)), ignore_invalid_speed_(ignore_invalid_speed) {}

  /// Where it fails, the sink has got nothing.
  Result<void> collect(CollectContext& context, NetlinkSource& netlink, Sink& sink);

 private:
  /// What sysfs alone knows, and what hardly ever changes.
  struct Known {
    std::int32_t index = 0;
    std::string name, address;
    std::chrono::steady_clock::time_point read_at{};
    std::array<double, 3> values{};
    bool seen = false;
  };
  void add(CollectContext& context, const NetLink& link, Sink& sink);
  const Known& known(CollectContext& context, const NetLink& link);
  void add_speed(CollectContext& context, const NetLink& link, LabelId device, Sink& sink);

  Filter devices_;
  bool ignore_invalid_speed_;
  bool modes_read_ = false;
  LinkModes modes_;
  std::vector<Known> known_;  ///< by index
  std::string directory_, address_, broadcast_, duplex_;
};

}  // namespace vitalsd::netclass
