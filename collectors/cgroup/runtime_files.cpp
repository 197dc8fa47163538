#include "collectors/cgroup/runtime_files.h"

#include <array>
#include <string>
#include <string_view>

#include "collectors/formats/runtime_state.h"

namespace vitalsd {
namespace {

using std::string_view;

struct Place {
  string_view runtime;  // as the cgroup's path names it
  string_view before;   // the id; or the whole path of a list
  string_view after;
  Result<ContainerNames> (*parse)(string_view text, string_view id);
};
constexpr std::array kPlaces = {
    Place{"containerd", "run/containerd/io.containerd.runtime.v2.task/k8s.io/", "/config.json", runtime_state::bundle},
    Place{"containerd", "run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/", "/config.json",
          runtime_state::bundle},
    Place{"cri-o", "run/containers/storage/overlay-containers/", "/userdata/config.json", runtime_state::bundle},
    Place{"cri-o", "var/lib/containers/storage/overlay-containers/", "/userdata/config.json", runtime_state::bundle},
    Place{"docker", "var/lib/docker/containers/", "/config.v2.json", runtime_state::docker},
    Place{"podman", "var/lib/containers/storage/overlay-containers/containers.json", {}, runtime_state::storage},
};

std::string path_of(const Place& place, string_view id) {
  std::string path(place.before);
  if (!place.after.empty()) path.append(id).append(place.after);
  return path;
}

}  // namespace

std::optional<ContainerNames> read_runtime_files(CollectContext& context, const ContainerIdentity& identity) {
  for (const Place& place : kPlaces) {
    // The kubelet's cgroupfs driver names no runtime.
    if (!identity.runtime.empty() && identity.runtime != place.runtime) continue;
    const auto text = context.host.rootfs->read(path_of(place, identity.container_id), context.buffer);
    if (!text) continue;
    auto names = place.parse(*text, identity.container_id);
    if (names) return std::move(*names);
    if (names.error().code == Errc::malformed) {
      context.faults.partial(identity.container_id, "names", names.error(), {});
    }
  }
  return std::nullopt;
}

}  // namespace vitalsd
