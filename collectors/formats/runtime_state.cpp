#include "collectors/formats/runtime_state.h"

#include <array>

#include "collectors/formats/json_values.h"
#include "collectors/formats/log_names.h"

namespace vitalsd::runtime_state {
namespace {

using std::string_view;

constexpr std::size_t kMostText = 1024;          // an image's name with its digest has some 300 bytes
constexpr std::size_t kMostContainers = 10'000;  // of one list
constexpr string_view kSandboxOfCrio = "POD";    // no container can have this name: it is no DNS label

// Where each kind of file has the names, by JSON pointers; the first one that is there counts.
struct Keys {
  string_view type, pod, ns, container, image, other_image, name;
};
constexpr std::array kOfBundles = {
    Keys{.type = "/annotations/io.kubernetes.cri.container-type",
         .pod = "/annotations/io.kubernetes.cri.sandbox-name",
         .ns = "/annotations/io.kubernetes.cri.sandbox-namespace",
         .container = "/annotations/io.kubernetes.cri.container-name",
         .image = "/annotations/io.kubernetes.cri.image-name",
         .other_image = "/annotations/io.kubernetes.cri.podsandbox.image-name",
         .name = {}},
    Keys{.type = "/annotations/io.kubernetes.cri-o.ContainerType",
         .pod = "/annotations/io.kubernetes.pod.name",
         .ns = "/annotations/io.kubernetes.pod.namespace",
         .container = "/annotations/io.kubernetes.container.name",
         .image = "/annotations/io.kubernetes.cri-o.ImageName",
         .other_image = "/annotations/io.kubernetes.cri-o.Image",
         .name = "/annotations/io.kubernetes.cri-o.Name"},
};
constexpr Keys kOfDocker{.type = {},
                         .pod = "/Config/Labels/io.kubernetes.pod.name",
                         .ns = "/Config/Labels/io.kubernetes.pod.namespace",
                         .container = "/Config/Labels/io.kubernetes.container.name",
                         .image = "/Config/Image",
                         .other_image = {},
                         .name = "/Name"};

string_view text_of(const JsonNumbers& json, string_view pointer) {
  if (pointer.empty()) return {};
  const auto text = json.text_at(pointer);
  return text && text->size() <= kMostText ? *text : string_view();
}

ContainerNames names_of(const JsonNumbers& json, const Keys& keys) {
  ContainerNames names;
  const string_view pod = text_of(json, keys.pod), ns = text_of(json, keys.ns),
                    container = text_of(json, keys.container), image = text_of(json, keys.image);
  // Without a name it is the pod's sandbox, but not every version notes a container's name.
  const bool valid = container.empty() ? text_of(json, keys.type) == "sandbox"
                                       : container == kSandboxOfCrio || log_names::is_label(container);
  if (log_names::is_subdomain(pod) && log_names::is_label(ns) && valid) {
    names.pod = pod;
    names.ns = ns;
    names.container = container;
  }
  names.image = image.empty() ? text_of(json, keys.other_image) : image;
  names.name = text_of(json, keys.name);
  return names;
}

Result<ContainerNames> checked(ContainerNames names) {
  if (names == ContainerNames()) return fail(Errc::unavailable, "container's names");
  return names;
}

}  // namespace

Result<ContainerNames> bundle(string_view text, string_view id) {
  const JsonNumbers json(text);
  if (!json.ok()) return fail(Errc::malformed, "config.json");
  for (const Keys& keys : kOfBundles) {
    ContainerNames names = names_of(json, keys);
    if (names.pod.empty() && names.image.empty()) continue;
    if (names.name.empty()) names.name = id;  // as cAdvisor calls those of containerd
    return names;
  }
  return fail(Errc::unavailable, "container's names");
}

Result<ContainerNames> docker(string_view text, string_view id) {
  const JsonNumbers json(text);
  if (!json.ok()) return fail(Errc::malformed, "config.v2.json");
  if (const string_view own = text_of(json, "/ID"); own != id) return fail(Errc::unavailable, "container's names");
  ContainerNames names = names_of(json, kOfDocker);
  if (names.name.starts_with('/')) names.name.erase(0, 1);
  return checked(std::move(names));
}

Result<ContainerNames> storage(string_view text, string_view id) {
  const JsonNumbers json(text);
  if (!json.ok()) return fail(Errc::malformed, "containers.json");
  for (std::size_t i = 0; i < kMostContainers; ++i) {
    const std::string at = "/" + std::to_string(i);
    const auto own = json.text_at(at + "/id");
    if (!own) break;
    if (*own != id) continue;
    ContainerNames names;
    names.name = text_of(json, at + "/names/0");
    // A JSON text in a JSON text.
    const JsonNumbers metadata(json.text_at(at + "/metadata").value_or(string_view()));
    names.image = text_of(metadata, "/image-name");
    return checked(std::move(names));
  }
  return fail(Errc::unavailable, "container's names");
}

}  // namespace vitalsd::runtime_state
