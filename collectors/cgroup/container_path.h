// What the path of a cgroup alone tells: which container, pod and unit it belongs to, and who made it.
//   identify("/kubepods.slice/kubepods-pod1_2.slice/cri-containerd-ID.scope").container_id
#pragma once

#include <string>
#include <string_view>

namespace vitalsd {

/// Empty is what the path does not tell. All but `pod_uid` are views into the path or static.
struct ContainerIdentity {
  std::string_view runtime;       ///< containerd, cri-o, docker or podman
  std::string_view container_id;  ///< 64 hex digits
  std::string pod_uid;            ///< with dashes, also where systemd's driver writes underscores
  std::string_view qos;           ///< guaranteed, burstable or besteffort; of pods and what is in them
  std::string_view unit;          ///< the innermost systemd unit that is no slice
  std::string_view slice;         ///< the innermost systemd slice
};

/// Both drivers of the kubelet and of the runtimes (cgroupfs and systemd), both versions of cgroups, and paths that
/// begin with "/../.." as they are seen from another cgroup namespace.
ContainerIdentity identify(std::string_view path);

}  // namespace vitalsd
