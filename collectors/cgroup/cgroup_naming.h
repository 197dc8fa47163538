// Gives cgroups the names of their pods and containers, from the kubelet's logs and the runtimes' files.
//   naming.round(context, walk, neighbours); ... cgroup.names->pod
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "collectors/cgroup/cgroup_walk.h"
#include "collectors/cgroup/neighbours.h"
#include "collectors/cgroup/pod_names.h"
#include "core/collector.h"

namespace vitalsd {

class CgroupNaming {
 public:
  explicit CgroupNaming(PodNames pods) : pods_(std::move(pods)) {}

  /// Before publishing: those that have no names yet are looked up. One that has some keeps them for as long as it
  /// lives, whatever becomes of its log.
  void round(CollectContext& context, CgroupWalk& walk, Neighbours& neighbours);

 private:
  void look_up(CollectContext& context, std::string_view id, Cgroup& cgroup);

  PodNames pods_;
};

/// Whether a cgroup is the container's or the pod's own. What a container makes below its own is neither, whatever it
/// calls it: it would be counted twice, or under another's name.
bool is_container(std::string_view id, const ContainerIdentity& identity);
bool is_pod(std::string_view id, const ContainerIdentity& identity);

}  // namespace vitalsd
