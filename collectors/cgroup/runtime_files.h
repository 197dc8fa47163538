// What the container runtimes say of a container in their own files, where these may be read: its image, its name, and
// of which pod it is.
//   read_runtime_files(context, identity)->image
#pragma once

#include <optional>

#include "collectors/cgroup/container_path.h"
#include "collectors/formats/container_names.h"
#include "core/collector.h"

namespace vitalsd {

/// Looks where containerd, k3s, CRI-O, podman and Docker keep them by default, below the host's root. None when no file
/// speaks of it, or when none may be read, which is no fault: they are root's. A file without sense is one.
std::optional<ContainerNames> read_runtime_files(CollectContext& context, const ContainerIdentity& identity);

}  // namespace vitalsd
