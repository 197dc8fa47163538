// The owner of a cgroup, by paths that runtimes really use.
#include "collectors/cgroup/container_path.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

const std::string kId(64, 'a');
const std::string kUid = "0cd28b70-8b4d-4a0c-9a4d-6f4d1f2f6f11";
const std::string kUnderscored = "0cd28b70_8b4d_4a0c_9a4d_6f4d1f2f6f11";

struct Case {
  std::string path, runtime, container, pod, qos, unit, slice;
};

TEST(ContainerPath, NamesTheOwnerOfACgroup) {
  const std::string scope = "cri-containerd-" + kId + ".scope",
                    pod = "kubepods-burstable-pod" + kUnderscored + ".slice";
  const std::string best = "kubepods-besteffort-pod" + kUnderscored + ".slice";
  const Case cases[] = {
      {"/", "", "", "", "", "", ""},
      {"", "", "", "", "", "", ""},
      {"/system.slice/nginx.service", "", "", "", "", "nginx.service", "system.slice"},
      {"/user.slice/user-0.slice/session-1.scope", "", "", "", "", "session-1.scope", "user-0.slice"},
      {"/docker/" + kId, "docker", kId, "", "", "", ""},
      {"/system.slice/docker-" + kId + ".scope", "docker", kId, "", "", "docker-" + kId + ".scope", "system.slice"},
      {"/libpod_parent/libpod-" + kId, "podman", kId, "", "", "", ""},
      {"/machine.slice/libpod-" + kId + ".scope/container", "podman", kId, "", "", "libpod-" + kId + ".scope",
       "machine.slice"},
      {"/machine.slice/libpod-conmon-" + kId + ".scope", "", "", "", "", "libpod-conmon-" + kId + ".scope",
       "machine.slice"},
      {"/kubepods/burstable/pod" + kUid + "/" + kId, "", kId, kUid, "burstable", "", ""},
      {"/kubepods/pod" + kUid, "", "", kUid, "guaranteed", "", ""},
      {"/kubepods/besteffort", "", "", "", "besteffort", "", ""},
      {"/kubepods/pod" + kUid + "/crio-" + kId, "cri-o", kId, kUid, "guaranteed", "", ""},
      {"/kubepods.slice", "", "", "", "", "", "kubepods.slice"},
      {"/kubepods.slice/kubepods-burstable.slice/" + pod + "/" + scope, "containerd", kId, kUid, "burstable", scope,
       pod},
      {"/kubepods.slice/kubepods-besteffort.slice/" + best + "/crio-" + kId + ".scope", "cri-o", kId, kUid,
       "besteffort", "crio-" + kId + ".scope", best},
      {"/kubepods.slice/kubepods-pod" + kUnderscored + ".slice", "", "", kUid, "guaranteed", "",
       "kubepods-pod" + kUnderscored + ".slice"},
      {"/system.slice/containerd.service/" + best + ":cri-containerd:" + kId, "containerd", kId, kUid, "besteffort",
       "containerd.service", "system.slice"},
      {"/../../" + pod + "/" + scope, "containerd", kId, kUid, "burstable", scope, pod},
      {"/../../pod" + kUid + "/" + kId, "", kId, kUid, "", "", ""},
      {"/kubelet.slice/kubelet-kubepods.slice/kubelet-" + pod, "", "", kUid, "burstable", "", "kubelet-" + pod},
      {"/kubepods/pod" + std::string(32, 'b'), "", "", std::string(32, 'b'), "guaranteed", "", ""},
      {"/../docker-" + kId.substr(1) + ".scope", "", "", "", "", "docker-" + kId.substr(1) + ".scope", ""},
      {"/pod1/" + kId, "", kId, "", "", "", ""},
  };
  for (const Case& each : cases) {
    const ContainerIdentity found = identify(each.path);
    EXPECT_EQ(found.runtime, each.runtime) << each.path;
    EXPECT_EQ(found.container_id, each.container) << each.path;
    EXPECT_EQ(found.pod_uid, each.pod) << each.path;
    EXPECT_EQ(found.qos, each.qos) << each.path;
    EXPECT_EQ(found.unit, each.unit) << each.path;
    EXPECT_EQ(found.slice, each.slice) << each.path;
  }
}

}  // namespace
}  // namespace vitalsd
