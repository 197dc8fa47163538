#include "collectors/cgroup/container_path.h"

#include <algorithm>
#include <array>

namespace vitalsd {
namespace {

constexpr std::size_t kIdSize = 64;

// PREFIX + ID + SUFFIX, as each runtime names the cgroup of a container. Its monitors (conmon) have other prefixes.
struct Form {
  std::string_view prefix, suffix, runtime;
};
constexpr std::array kForms = {
    Form{"docker-", ".scope", "docker"},      Form{"cri-containerd-", ".scope", "containerd"},
    Form{"crio-", ".scope", "cri-o"},         Form{"crio-", "", "cri-o"},
    Form{"libpod-", ".scope", "podman"},      Form{"libpod-", "", "podman"},
    Form{"nerdctl-", ".scope", "containerd"},
};

// A bare id tells no more than who owns the cgroup above.
struct Parent {
  std::string_view name, runtime;
};
constexpr std::array kParents = {Parent{"docker", "docker"}, Parent{"libpod_parent", "podman"},
                                 Parent{"actions_job", "docker"}};

bool is_id(std::string_view text) {
  return text.size() == kIdSize && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void find_container(std::string_view component, std::string_view parent, ContainerIdentity& found) {
  for (const Form& form : kForms) {
    if (!component.starts_with(form.prefix) || !component.ends_with(form.suffix)) continue;
    std::string_view id = component;
    id.remove_prefix(form.prefix.size());
    id.remove_suffix(std::min(id.size(), form.suffix.size()));
    if (!is_id(id)) continue;
    found.container_id = id;
    found.runtime = form.runtime;
    return;
  }
  // containerd with runc's own words for a path: "kubepods-pod1_2.slice:cri-containerd:ID".
  const std::size_t colon = component.rfind(':');
  const std::string_view id = component.substr(colon == std::string_view::npos ? 0 : colon + 1);
  if (!is_id(id)) return;
  found.container_id = id;
  if (component.find(":cri-containerd:") != std::string_view::npos) found.runtime = "containerd";
  const auto known = std::ranges::find(kParents, parent, &Parent::name);
  if (known != kParents.end()) found.runtime = known->runtime;
}

// As the API server makes them, and the 32 digits of static pods.
bool is_uid(std::string_view text) {
  const auto digits =
      std::ranges::count_if(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  const auto dashes = std::ranges::count_if(text, [](char c) { return c == '-' || c == '_'; });
  return digits == 32 && static_cast<std::size_t>(digits + dashes) == text.size();
}

// "pod1-2" of the kubelet's cgroupfs driver, "kubepods-burstable-pod1_2.slice" of its systemd driver.
void find_pod(std::string_view component, ContainerIdentity& found) {
  component = component.substr(0, component.find(".slice"));
  const std::size_t at = component.starts_with("pod") ? 0 : component.find("-pod");
  if (at == std::string_view::npos) return;
  component.remove_prefix(at + (at == 0 ? 3 : 4));
  if (!is_uid(component)) return;
  found.pod_uid = component;
  std::ranges::replace(found.pod_uid, '_', '-');
}

std::string_view qos_of(std::string_view component) {
  if (component == "besteffort" || component.starts_with("kubepods-besteffort")) return "besteffort";
  if (component == "burstable" || component.starts_with("kubepods-burstable")) return "burstable";
  return {};
}

void find_unit(std::string_view component, ContainerIdentity& found) {
  constexpr std::array kUnits = {std::string_view(".service"), std::string_view(".scope"), std::string_view(".socket"),
                                 std::string_view(".mount"),   std::string_view(".swap"),  std::string_view(".timer")};
  if (component.find(':') != std::string_view::npos) return;
  if (component.ends_with(".slice")) found.slice = component;
  if (std::ranges::any_of(kUnits, [component](std::string_view end) { return component.ends_with(end); })) {
    found.unit = component;
  }
}

}  // namespace

ContainerIdentity identify(std::string_view path) {
  ContainerIdentity found;
  bool in_kubernetes = false;
  std::string_view parent;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view component = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (component.empty() || component == "..") continue;
    // A kubelet below another cgroup puts that one's name before: "kubelet-kubepods-besteffort.slice".
    const std::size_t kubepods = component.find("kubepods");
    in_kubernetes = in_kubernetes || kubepods != std::string_view::npos;
    const std::string_view own = kubepods == std::string_view::npos ? component : component.substr(kubepods);
    if (const std::string_view qos = qos_of(own); in_kubernetes && !qos.empty()) found.qos = qos;
    find_pod(own, found);
    find_container(component, parent, found);
    find_unit(component, found);
    parent = component;
  }
  if (in_kubernetes && !found.pod_uid.empty() && found.qos.empty()) found.qos = "guaranteed";
  return found;
}

}  // namespace vitalsd
