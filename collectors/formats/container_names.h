// What people call a container: the pod, and the image. The labels of the kubelet's own cAdvisor endpoint.
#pragma once

#include <string>

namespace vitalsd {

/// Empty is what is not known. A pod's own cgroup and its sandbox have no `container`.
struct ContainerNames {
  std::string pod, ns, container;  ///< `ns`: the pod's namespace
  std::string image, name;         ///< `name` as cAdvisor has it: the runtime's own name of the container
  bool operator==(const ContainerNames&) const = default;
};

}  // namespace vitalsd
