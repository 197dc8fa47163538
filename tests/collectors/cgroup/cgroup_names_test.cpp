// The names that cgroups are published with: by the kubelet's logs, by the runtimes' files, by neither.
#include <gtest/gtest.h>

#include "collectors/cgroup/cgroup_naming.h"
#include "tests/fakes/real_tree.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

const std::string kUid = "0cd28b70-8b4d-4a0c-9a4d-6f4d1f2f6f11";
const std::string kPod = "/kubepods.slice/kubepods-pod0cd28b70_8b4d_4a0c_9a4d_6f4d1f2f6f11.slice";
const std::string kId(64, 'a'), kOther(64, 'b');
const std::string kContainer = kPod + "/cri-containerd-" + kId + ".scope";
const std::string kNames = R"(namespace="shop",pod="web-0",container="nginx")";

class CgroupNamesTest : public RealTree {
 protected:
  CgroupNamesTest() {
    cgroup("");
    cgroup("/kubepods.slice");
    cgroup(kPod);
    cgroup(kContainer);
    std::filesystem::create_directories(directory / "pods");
    std::filesystem::create_directories(directory / "containers");
    make_with("names");
  }
  void make_with(const char* labels) {
    make("cgroups", {{"labels", labels}, {"paths.pod_logs", pods.c_str()}, {"paths.container_logs", links.c_str()}});
  }
  void cgroup(const std::string& id) const {
    write("cgroup" + id + "/cgroup.procs", "");
    write("cgroup" + id + "/memory.current", "4096\n");
    write("cgroup" + id + "/memory.events", "oom_kill 1\n");
  }
  void log_pod(const std::string& pod, const std::string& uid) const {
    std::filesystem::create_directories(pods + "/shop_" + pod + "_" + uid);
  }
  std::string link_of(const std::string& pod, const std::string& id) const {
    return "containers/" + pod + "_shop_nginx-" + id + ".log";
  }
  void log_container(const std::string& pod, const std::string& id) const { symlink(link_of(pod, id), "/nowhere"); }
  void bundle(const std::string& id, const std::string& annotations) const {
    write("root/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/config.json",
          R"({"annotations":{"io.kubernetes.cri.sandbox-name":"web-0","io.kubernetes.cri.sandbox-namespace":"shop",)" +
              annotations + "}}");
  }
  /// Of the memory of the cgroup `id`, the labels after `id`; "none" if there is no such series.
  std::string labels(const std::string& id, const std::string& family = "container_memory_usage_bytes") const {
    const std::string begin = "\n" + family + "{id=\"" + id + "\"";
    const std::size_t at = last.text.find(begin);
    if (at == std::string::npos) return "none";
    const std::size_t from = at + begin.size(), end = last.text.find("} ", from);
    return last.text.substr(from, end - from);
  }
  const std::string ids = ",pod_uid=\"" + kUid + "\",qos=\"guaranteed\"";
  const std::string container_ids = ",container_id=\"" + kId + "\"" + ids;
  const std::string pods = directory / "pods", links = directory / "containers";
};

TEST_F(CgroupNamesTest, LogsNameThePodAndItsContainer) {
  log_pod("web-0", kUid);
  log_container("web-0", kId);
  round();
  EXPECT_EQ(labels(kContainer), "," + kNames);
  EXPECT_EQ(labels(kPod), R"(,namespace="shop",pod="web-0")");
  EXPECT_EQ(labels("/kubepods.slice"), "");
  EXPECT_NE(labels(kContainer, "vitalsd_cgroup_info").find(container_ids), std::string::npos) << "ids stay here";
}

TEST_F(CgroupNamesTest, UnderscoresAndStaticPodsAreTheSamePods) {
  const std::string hash = "8d4f2a9c0b1e3d5f7a9c0b1e3d5f7a9c", pod = "/kubepods/burstable/pod" + hash;
  cgroup(pod);
  cgroup(pod + "/" + kOther);
  log_pod("etcd-node1", hash);
  log_container("etcd-node1", kOther);
  round();
  EXPECT_EQ(labels(pod), R"(,namespace="shop",pod="etcd-node1")");
  EXPECT_EQ(labels(pod + "/" + kOther), R"(,namespace="shop",pod="etcd-node1",container="nginx")");
}

TEST_F(CgroupNamesTest, UntilNamedTheyAreReportedByIds) {
  log_pod("web-0", kUid);
  round();
  EXPECT_EQ(labels(kContainer), container_ids) << "the pod is known, and not which of its containers this is";
  log_container("web-0", kId);
  round();
  EXPECT_EQ(labels(kContainer), "," + kNames);
}

TEST_F(CgroupNamesTest, ContainersNameAPodWhoseFolderIsHidden) {
  log_container("web-0", kId);
  round();
  EXPECT_EQ(labels(kPod), R"(,namespace="shop",pod="web-0")");
}

TEST_F(CgroupNamesTest, NamesOutliveTheLogs) {
  log_pod("web-0", kUid);
  log_container("web-0", kId);
  round();
  std::filesystem::remove(directory / link_of("web-0", kId));
  std::filesystem::remove_all(pods);
  std::filesystem::create_directories(pods);
  clock.advance(60s);
  round();
  EXPECT_EQ(labels(kContainer), "," + kNames);
  EXPECT_EQ(labels(kPod), R"(,namespace="shop",pod="web-0")");
}

TEST_F(CgroupNamesTest, PodThatComesBackKeepsItsNameAlone) {
  log_container("web-0", kId);
  round();
  std::filesystem::remove_all(directory / ("cgroup" + kPod));
  const std::string pod = "/kubepods.slice/kubepods-pod1cd28b70_8b4d_4a0c_9a4d_6f4d1f2f6f11.slice";
  const std::string container = pod + "/cri-containerd-" + kOther + ".scope";
  cgroup(pod);
  cgroup(container);
  log_container("web-0", kOther);
  round();
  EXPECT_EQ(labels(container), "," + kNames);
  EXPECT_EQ(labels(kContainer), "none");
  EXPECT_EQ(labels(kContainer, "container_oom_events_total"), "," + kNames) << "its past, for a while";
}

TEST_F(CgroupNamesTest, RuntimesFilesTellImageAndName) {
  bundle(kId, R"("io.kubernetes.cri.container-type":"container","io.kubernetes.cri.container-name":"nginx",
                 "io.kubernetes.cri.image-name":"nginx:1")");
  const std::string sandbox = kPod + "/cri-containerd-" + kOther + ".scope";
  cgroup(sandbox);
  bundle(kOther, R"("io.kubernetes.cri.container-type":"sandbox")");
  round();
  EXPECT_EQ(labels(kContainer), "," + kNames + R"(,image="nginx:1",name=")" + kId + "\"");
  EXPECT_EQ(labels(sandbox), R"(,namespace="shop",pod="web-0",name=")" + kOther + "\"");
  EXPECT_EQ(labels(kPod), R"(,namespace="shop",pod="web-0")");
}

TEST_F(CgroupNamesTest, PlainContainersHaveImageAndName) {
  const std::string docker = "/docker/" + kId, podman = "/libpod_parent/" + kId + "/libpod-" + kOther;
  cgroup(docker);
  cgroup("/libpod_parent");
  cgroup("/libpod_parent/" + kId);
  cgroup(podman);
  write("root/var/lib/docker/containers/" + kId + "/config.v2.json",
        R"({"ID":")" + kId + R"(","Name":"/db","Config":{"Image":"postgres:16"}})");
  write("root/var/lib/containers/storage/overlay-containers/containers.json",
        R"([{"id":")" + kOther + R"(","names":["web"],"metadata":"{\"image-name\":\"web:1\"}"}])");
  round();
  EXPECT_EQ(labels(docker), R"(,image="postgres:16",name="db")");
  EXPECT_EQ(labels(podman), R"(,image="web:1",name="web")");
}

TEST_F(CgroupNamesTest, WhatAContainerMakesBelowHasNoNames) {
  log_container("web-0", kId);
  log_container("victim", kOther);
  const std::string below = kContainer + "/init.scope", hostile = kContainer + "/cri-containerd-" + kOther + ".scope";
  cgroup(below);
  cgroup(hostile);
  round();
  EXPECT_EQ(labels(below), container_ids);
  EXPECT_EQ(labels(hostile), ",container_id=\"" + kOther + "\"" + ids);
}

TEST_F(CgroupNamesTest, IdsAndBothAreChoices) {
  log_container("web-0", kId);
  make_with("ids");
  round();
  EXPECT_EQ(labels(kContainer), container_ids);
  make_with("both");
  round();
  EXPECT_EQ(labels(kContainer), container_ids + "," + kNames);
  EXPECT_THROW(make_with("none"), OptionError);
}

TEST_F(CgroupNamesTest, RuntimesFileWithoutSenseIsAFault) {
  log_container("web-0", kId);
  write("root/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + kId + "/config.json", "{");
  round();
  EXPECT_EQ(labels(kContainer), "," + kNames);
  ASSERT_EQ(last.faults.size(), 1U);
  EXPECT_EQ(last.faults[0].entity, kId);
  EXPECT_EQ(last.faults[0].code, Errc::malformed);
}

}  // namespace
}  // namespace vitalsd
