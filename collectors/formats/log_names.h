// The names that the kubelet gives to the logs of pods (Kubernetes, pkg/kubelet/kuberuntime/legacy.go and helpers.go).
//   log_names::container("web-0_shop_nginx-<64 digits>.log")->pod; log_names::pod("shop_web-0_<UID>")->uid
#pragma once

#include <optional>
#include <string_view>

namespace vitalsd::log_names {

/// All are views into the text.
struct OfContainer {
  std::string_view pod, ns, container, id;
};
struct OfPod {
  std::string_view ns, pod, uid;
};

/// A link in /var/log/containers, "POD_NAMESPACE_CONTAINER-ID.log". None for any other name, and for one that the
/// kubelet had to cut off because it is longer than a file's name may be.
std::optional<OfContainer> container(std::string_view file);
/// A folder in /var/log/pods, "NAMESPACE_POD_UID". The UID is the API server's or, for a static pod, 32 digits.
std::optional<OfPod> pod(std::string_view folder);

/// A name of DNS (RFC 1123) as Kubernetes checks it: of a namespace or container, and of a pod.
bool is_label(std::string_view text);
bool is_subdomain(std::string_view text);

}  // namespace vitalsd::log_names
