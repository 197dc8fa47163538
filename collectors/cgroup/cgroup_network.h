// Network devices and connections, told once for each network namespace that the cgroups' processes are in.
//   networks.find(context, walk); ... networks.publish(context, sink, labels, id);
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/cgroup/cgroup_connections.h"
#include "collectors/cgroup/cgroup_families.h"
#include "collectors/cgroup/cgroup_walk.h"
#include "collectors/formats/net/net_dev.h"
#include "collectors/kit/pid_path.h"
#include "core/collector.h"

namespace vitalsd {

/// /proc/PID/net/dev is readable without any privilege, and its inode is one per namespace (net/core/net_namespace.c,
/// fs/proc/generic.c), so that namespaces can be told apart without leave to read /proc/PID/ns.
class CgroupNetworks {
 public:
  /// With `connections`, TCP and UDP sockets are counted, too.
  explicit CgroupNetworks(bool connections) : connections_(connections) {}

  /// After the cgroups were read. One process of each is asked, when it is new. A namespace is the one of the innermost
  /// cgroup that has all those in it: of a pod's, not of one of its containers, also while there is but one; that of
  /// pid 1 is of the root alone.
  void find(CollectContext& context, CgroupWalk& walk);
  /// What there is in the namespace that is told with the cgroup `id`, if there is one; `anew`: as they are now, else
  /// as they were when they were last read.
  void publish(CollectContext& context, Sink& sink, CgroupLabels& labels, std::string_view id, bool anew);

 private:
  struct Namespace {
    std::string_view first, above;  // ids of cgroups: the first that is in it, and the one around all of them
    std::int32_t pid = 0;
    std::string_view pod = {};  // that of a namespace which one of its containers has alone
  };
  std::uint64_t inode_of(CollectContext& context, std::int32_t pid);
  void look_at(CollectContext& context, std::string_view id, Cgroup& cgroup);
  void assign(CgroupWalk& walk);

  struct Told {
    std::uint64_t inode;
    std::int32_t pid;
    std::string text = {};  ///< of net/dev; empty: it could not be read
    Connections connections = {};
  };
  Result<void> read(CollectContext& context, std::string_view id, Told& told);

  bool connections_;
  std::map<std::uint64_t, Namespace> namespaces_;
  std::map<std::string_view, Told> told_;  // by id
  std::uint64_t machine_ = 0, moved_ = 0, rounds_ = 0;
  std::vector<NetDevice> devices_;
  PidPath path_;
};

/// What `publish` adds.
std::span<const Family* const> cgroup_network_families();

}  // namespace vitalsd
