// The families of the collector `cgroups`, and how a cgroup's numbers become samples.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "collectors/cgroup/cgroup_labels.h"
#include "collectors/cgroup/cgroup_stats.h"
#include "collectors/cgroup/container_path.h"
#include "core/collector.h"

namespace vitalsd {

/// What there is to say of one cgroup in one round.
struct CgroupReport {
  const CgroupStats& stats;
  double effective_cpu = kAbsent;     ///< cores: the least quota on the way up
  double effective_memory = kAbsent;  ///< bytes: the least limit on the way up
  double seconds_to_limit = kAbsent;  ///< at the present growth
  double throttled_share = kAbsent;   ///< of the periods since the round before
  double last_seen = kAbsent;         ///< seconds since 1970
};

std::span<const Family* const> cgroup_families();
/// Of these, the ones that the daemon's history keeps.
std::span<const Family* const> remembered_cgroup_families();
void publish_cgroup(Sink& sink, CgroupLabels& labels, const ContainerIdentity& identity, const CgroupReport& report);

/// The value of the label `device`: "/dev/NAME" where sysfs tells it, else "MAJOR:MINOR". Names are asked for once.
class DeviceNames {
 public:
  std::string_view of(CollectContext& context, const CgroupDevice& device);

 private:
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> known_;
};
void publish_devices(CollectContext& context, Sink& sink, CgroupLabels& labels, DeviceNames& names,
                     std::span<const CgroupDevice> devices);

/// Of the walk itself.
struct CgroupCounts {
  double seen = 0;      ///< reported
  double left_out = 0;  ///< beyond max_cgroups or max_depth
};
void publish_cgroup_counts(Sink& sink, const CgroupCounts& counts, std::string_view version);

}  // namespace vitalsd
