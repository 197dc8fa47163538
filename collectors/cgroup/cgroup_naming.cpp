#include "collectors/cgroup/cgroup_naming.h"

#include <utility>

#include "collectors/cgroup/runtime_files.h"

namespace vitalsd {
namespace {

using std::string_view;

constexpr int kMostTries = 3;  // of the runtime's files, which are there before the cgroup is
constexpr string_view kPodsOfPodman = "/libpod_parent";

string_view above(string_view id) { return id.substr(0, id.rfind('/')); }

/// A container without its pod, or a pod without its name, may still get it.
bool is_complete(const Cgroup& cgroup) {
  return cgroup.names && (cgroup.identity.pod_uid.empty() || !cgroup.names->pod.empty());
}

}  // namespace

bool is_container(string_view id, const ContainerIdentity& identity) {
  if (identity.container_id.empty()) return false;
  const string_view around = above(id);
  if (identity.container_id.data() < id.data() + around.size()) return false;
  const ContainerIdentity outer = identify(around);
  if (!outer.pod_uid.empty()) return is_pod(around, outer);
  // Podman's pods have an id in their place, too.
  return outer.container_id.empty() || above(around) == kPodsOfPodman;
}

bool is_pod(string_view id, const ContainerIdentity& identity) {
  return identity.container_id.empty() && !identity.pod_uid.empty() && identify(above(id)).pod_uid.empty();
}

void CgroupNaming::round(CollectContext& context, CgroupWalk& walk, Neighbours& neighbours) {
  pods_.round(context.host.clock->steady(), context.faults);
  for (auto& [id, cgroup] : walk.cgroups()) {
    if (cgroup.names_asked == pods_.generation()) continue;
    look_up(context, id, cgroup);
    // The kubelet's folder of the pod may be hidden from us: its containers know it.
    if (!cgroup.names || cgroup.names->pod.empty()) continue;
    Cgroup* pod = walk.parent_of(id);
    if (pod == nullptr || pod->names || !is_pod(above(id), pod->identity)) continue;
    pod->names =
        std::make_shared<const ContainerNames>(ContainerNames{.pod = cgroup.names->pod, .ns = cgroup.names->ns});
  }
  for (auto& [id, neighbour] : neighbours.all()) {
    if (neighbour.cgroup.names_asked != pods_.generation()) look_up(context, id, neighbour.cgroup);
  }
}

void CgroupNaming::look_up(CollectContext& context, string_view id, Cgroup& cgroup) {
  cgroup.names_asked = pods_.generation();
  const ContainerIdentity& identity = cgroup.identity;
  if (is_complete(cgroup)) return;
  if (is_pod(id, identity)) {
    const ContainerNames* pod = pods_.pod(identity.pod_uid);
    if (pod != nullptr) cgroup.names = std::make_shared<const ContainerNames>(*pod);
    return;
  }
  if (!is_container(id, identity)) return;
  ContainerNames names = cgroup.names ? *cgroup.names : ContainerNames();
  if (!cgroup.names && cgroup.names_tries < kMostTries) {
    ++cgroup.names_tries;
    if (auto told = read_runtime_files(context, identity)) names = std::move(*told);
  }
  const ContainerNames* log = pods_.container(identity.container_id);
  if (log != nullptr && names.pod.empty()) {
    names.pod = log->pod;
    names.ns = log->ns;
    names.container = log->container;
  }
  if (names != ContainerNames()) cgroup.names = std::make_shared<const ContainerNames>(std::move(names));
}

}  // namespace vitalsd
