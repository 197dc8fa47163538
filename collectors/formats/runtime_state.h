// What container runtimes note of a container in files of their own.
//   runtime_state::bundle(text, id)->image
#pragma once

#include <string_view>

#include "collectors/formats/container_names.h"
#include "core/result.h"

namespace vitalsd::runtime_state {

/// All return what is known of the container `id`. A name that no Kubernetes would allow is left out with the other
/// names of the pod. Errors: malformed (no JSON), unavailable (nothing is said of this container's names).

/// config.json of an OCI bundle, whose annotations are containerd's (internal/cri/annotations) or CRI-O's
/// (pkg/annotations). A sandbox has the name of its pod alone, and in CRI-O the container's name "POD".
Result<ContainerNames> bundle(std::string_view text, std::string_view id);
/// Docker's config.v2.json (daemon/container). Docker's shim of Kubernetes adds labels.
Result<ContainerNames> docker(std::string_view text, std::string_view id);
/// Podman's containers.json (containers/storage), a list of all containers.
Result<ContainerNames> storage(std::string_view text, std::string_view id);

}  // namespace vitalsd::runtime_state
