// What containerd, CRI-O, Docker and podman really write, and what they never would.
#include "collectors/formats/runtime_state.h"

#include <gtest/gtest.h>

#include <string>

namespace vitalsd {
namespace {

const std::string kId(64, 'a');

std::string bundle_with(const std::string& annotations) {
  return R"({"ociVersion":"1.0.2","process":{"args":["/x"]},"annotations":{)" + annotations + "}}";
}

TEST(RuntimeState, ContainerOfContainerd) {
  const auto names = runtime_state::bundle(bundle_with(R"("io.kubernetes.cri.container-name":"nginx",
      "io.kubernetes.cri.container-type":"container","io.kubernetes.cri.image-name":"docker.io/library/nginx:1",
      "io.kubernetes.cri.sandbox-name":"web-0","io.kubernetes.cri.sandbox-namespace":"shop")"),
                                           kId);
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (ContainerNames{"web-0", "shop", "nginx", "docker.io/library/nginx:1", kId}));
}

TEST(RuntimeState, SandboxOfContainerdHasNoContainerName) {
  const auto names = runtime_state::bundle(bundle_with(R"("io.kubernetes.cri.container-type":"sandbox",
      "io.kubernetes.cri.podsandbox.image-name":"registry.k8s.io/pause:3.10",
      "io.kubernetes.cri.sandbox-name":"web-0","io.kubernetes.cri.sandbox-namespace":"shop")"),
                                           kId);
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (ContainerNames{"web-0", "shop", "", "registry.k8s.io/pause:3.10", kId}));
}

TEST(RuntimeState, ContainerWhoseNameIsNotNotedIsNoSandbox) {
  const auto names = runtime_state::bundle(bundle_with(R"("io.kubernetes.cri.container-type":"container",
      "io.kubernetes.cri.image-name":"nginx","io.kubernetes.cri.sandbox-name":"web-0",
      "io.kubernetes.cri.sandbox-namespace":"shop")"),
                                           kId);
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (ContainerNames{"", "", "", "nginx", kId}));
}

TEST(RuntimeState, ContainerOfCrio) {
  const auto names = runtime_state::bundle(bundle_with(R"("io.kubernetes.cri-o.ContainerType":"container",
      "io.kubernetes.cri-o.Name":"k8s_nginx_web-0_shop_uid_0","io.kubernetes.cri-o.ImageName":"quay.io/nginx:1",
      "io.kubernetes.cri-o.Image":"sha256:1","io.kubernetes.pod.name":"web-0","io.kubernetes.pod.namespace":"shop",
      "io.kubernetes.container.name":"nginx")"),
                                           kId);
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (ContainerNames{"web-0", "shop", "nginx", "quay.io/nginx:1", "k8s_nginx_web-0_shop_uid_0"}));
}

TEST(RuntimeState, ContainerOfDocker) {
  const auto names = runtime_state::docker(R"({"ID":")" + kId + R"(","Name":"/shop_web_1","Config":{"Image":"nginx:1",
      "Labels":{"com.docker.compose.service":"web"}}})",
                                           kId);
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (ContainerNames{"", "", "", "nginx:1", "shop_web_1"}));
}

TEST(RuntimeState, SandboxOfDockersShimIsCalledPod) {
  const auto names = runtime_state::docker(R"({"ID":")" + kId + R"(","Name":"/k8s_POD_web-0","Config":{"Image":"pause",
      "Labels":{"io.kubernetes.pod.name":"web-0","io.kubernetes.pod.namespace":"shop",
                "io.kubernetes.container.name":"POD"}}})",
                                           kId);
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (ContainerNames{"web-0", "shop", "POD", "pause", "k8s_POD_web-0"}));
}

TEST(RuntimeState, ContainerOfPodmanIsFoundInItsList) {
  const std::string list = R"([{"id":"other","names":["no"],"metadata":"{}"},{"id":")" + kId +
                           R"(","names":["web-1"],"metadata":"{\"image-name\":\"localhost/web:latest\"}"}])";
  const auto names = runtime_state::storage(list, kId);
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (ContainerNames{"", "", "", "localhost/web:latest", "web-1"}));
  EXPECT_EQ(runtime_state::storage(list, std::string(64, 'b')).error().code, Errc::unavailable);
}

TEST(RuntimeState, AnothersFileGivesNoNames) {
  EXPECT_EQ(runtime_state::docker(R"({"ID":"other","Name":"/x"})", kId).error().code, Errc::unavailable);
  EXPECT_EQ(runtime_state::docker(R"({"ID":")" + kId + R"("})", kId).error().code, Errc::unavailable);
  EXPECT_EQ(runtime_state::bundle(bundle_with(R"("io.container.manager":"libpod")"), kId).error().code,
            Errc::unavailable);
}

TEST(RuntimeState, NoJsonIsMalformed) {
  for (const auto parse : {runtime_state::bundle, runtime_state::docker, runtime_state::storage}) {
    EXPECT_EQ(parse(R"({"annotations":)", kId).error().code, Errc::malformed);
    EXPECT_EQ(parse("", kId).error().code, Errc::malformed);
  }
}

TEST(RuntimeState, NamesThatKubernetesForbidsAreLeftOut) {
  const auto names = runtime_state::bundle(bundle_with(R"("io.kubernetes.cri.container-name":"a/b",
      "io.kubernetes.cri.image-name":"i","io.kubernetes.cri.sandbox-name":"web-0",
      "io.kubernetes.cri.sandbox-namespace":"shop")"),
                                           kId);
  ASSERT_TRUE(names);
  EXPECT_EQ(names->pod + names->ns + names->container, "");
  EXPECT_EQ(names->image, "i");
  const auto longer = runtime_state::docker(
      R"({"ID":")" + kId + R"(","Name":"/x","Config":{"Image":")" + std::string(2000, 'i') + "\"}}", kId);
  ASSERT_TRUE(longer);
  EXPECT_EQ(longer->image, "");
}

}  // namespace
}  // namespace vitalsd
