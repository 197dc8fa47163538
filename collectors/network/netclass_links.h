// Collector `netclass` over netlink: one answer of all devices instead of twenty files for each.
#pragma once

#include <string>
#include <vector>

#include "collectors/formats/netlink/net_links.h"
#include "collectors/kit/link_modes.h"
#include "collectors/network/netclass_families.h"
#include "core/collector.h"
#include "core/filter.h"

namespace vitalsd::netclass {

class Links {
 public:
  Links(Filter devices, bool ignore_invalid_speed)
      : devices_(std::move(devices)), ignore_invalid_speed_(ignore_invalid_speed) {}

  /// Where it fails, the sink has got nothing. Unavailable: sysfs is of another network namespace than we are in, as
  /// the host's may be in a container; then it is what is to be reported.
  Result<void> collect(CollectContext& context, NetlinkSource& netlink, Sink& sink);

 private:
  /// What sysfs alone knows, and what hardly ever changes.
  struct Known {
    std::int32_t index = 0;
    std::string name, address;
    std::chrono::steady_clock::time_point read_at{};
    std::array<double, 3> values{};
    bool seen = false;
    bool matches = false;  ///< sysfs has the same device
  };
  /// Brings `known_` up to date.
  Result<void> look(CollectContext& context, NetlinkSource& netlink);
  bool is_own_sysfs(CollectContext& context);
  void add(CollectContext& context, const NetLink& link, Sink& sink);
  void know(CollectContext& context, const NetLink& link);
  void read_sysfs(CollectContext& context, const NetLink& link, Known& device);
  void add_speed(CollectContext& context, const NetLink& link, LabelId device, Sink& sink);

  Filter devices_;
  bool ignore_invalid_speed_;
  bool modes_read_ = false;
  bool own_sysfs_ = false, changed_ = false;
  std::size_t links_ = 0;
  LinkModes modes_;
  std::vector<Known> known_;  ///< by index
  Names names_;
  std::string directory_, address_, broadcast_, duplex_;
};

}  // namespace vitalsd::netclass
