// Collector `ethtool`: what drivers count, what they are, and which ways of sending a port has.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collectors/kit/link_names.h"
#include "collectors/kit/made_families.h"
#include "collectors/kit/pattern.h"
#include "collectors/network/ethtool/device.h"
#include "core/collector.h"

namespace vitalsd::ethtool {

class EthtoolCollector final : public Collector {
 public:
  EthtoolCollector(const Options& options, std::unique_ptr<Ethtool> ethtool);
  Result<void> collect(CollectContext& context, Sink& sink) override;

 private:
  /// What the names of a device's counters came to, for as long as the driver gives the same ones.
  struct Known {
    std::string device, names;
    std::vector<const Family*> families;  ///< of each counter; null: it is left out
    bool seen = false;
  };
  void add_driver(CollectContext& context, std::string_view device, Sink& sink);
  void add_link(CollectContext& context, std::string_view device, Sink& sink);
  void add_statistics(CollectContext& context, std::string_view device, Sink& sink);
  const Known& known(CollectContext& context, std::string_view device);
  const Family* family_of(std::string_view counter);

  Filter devices_;
  Pattern metrics_;
  std::unique_ptr<Ethtool> ethtool_;
  LinkNames names_;
  DriverInfo driver_;
  LinkSettings settings_;
  Statistics statistics_;
  MadeFamilies made_;
  std::vector<Known> known_;
  std::string sanitized_, name_;
};

}  // namespace vitalsd::ethtool
