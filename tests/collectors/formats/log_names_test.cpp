// The kubelet's names of logs, and names that others could put beside them.
#include "collectors/formats/log_names.h"

#include <gtest/gtest.h>

#include <string>

namespace vitalsd {
namespace {

const std::string kId(64, 'a');
const std::string kUid = "0cd28b70-8b4d-4a0c-9a4d-6f4d1f2f6f11";

TEST(LogNames, LinkHasPodNamespaceContainerAndId) {
  const std::string name = "web-0.blue_shop_nginx-side-" + kId + ".log";
  const auto found = log_names::container(name);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pod, "web-0.blue");
  EXPECT_EQ(found->ns, "shop");
  EXPECT_EQ(found->container, "nginx-side");
  EXPECT_EQ(found->id, kId);
}

TEST(LogNames, FolderHasNamespacePodAndUid) {
  const std::string name = "shop_web-0_" + kUid;
  const auto found = log_names::pod(name);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->ns, "shop");
  EXPECT_EQ(found->pod, "web-0");
  EXPECT_EQ(found->uid, kUid);
}

TEST(LogNames, StaticPodHasItsHashForUid) {
  const auto found = log_names::pod("kube-system_etcd-node1_8d4f2a9c0b1e3d5f7a9c0b1e3d5f7a9c");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->uid, "8d4f2a9c0b1e3d5f7a9c0b1e3d5f7a9c");
}

TEST(LogNames, LongestNamesOfKubernetesAreTaken) {
  const std::string label(63, 'n');
  std::string pod(253, 'p');
  EXPECT_TRUE(log_names::is_subdomain(pod));
  EXPECT_FALSE(log_names::is_subdomain(pod + "p"));
  EXPECT_TRUE(log_names::is_label(label));
  EXPECT_FALSE(log_names::is_label(label + "n"));
  EXPECT_TRUE(log_names::pod(label + "_" + pod + "_" + kUid));
}

TEST(LogNames, AnythingElseIsNoLink) {
  const std::string cases[] = {
      "",
      ".log",
      "_.log",
      "pod_ns_c-" + kId,                            // without its ending
      "pod_ns_c-" + kId.substr(1) + ".log",         // cut off
      "pod_ns_c-" + kId + "a.log",                  // too long an id: the dash is missing before it
      "pod_ns_c" + kId + ".log",                    // no dash
      "pod_ns_-" + kId + ".log",                    // no container
      "pod_ns-" + kId + ".log",                     // no container either
      "pod__c-" + kId + ".log",                     // no namespace
      "_ns_c-" + kId + ".log",                      // no pod
      "pod_ns_c_d-" + kId + ".log",                 // one name too many
      "Pod_ns_c-" + kId + ".log",                   // no DNS name
      "pod._ns_c-" + kId + ".log",                  // empty part
      "-pod_ns_c-" + kId + ".log",                  // begins with a dash
      "pod_n.s_c-" + kId + ".log",                  // no label
      "pod_ns_c-" + std::string(64, 'G') + ".log",  // no digits
      "p\"od_ns_c-" + kId + ".log",                 // hostile
      "../pod_ns_c-" + kId + ".log",
      "pod\n_ns_c-" + kId + ".log",
  };
  for (const std::string& name : cases) EXPECT_FALSE(log_names::container(name)) << name;
}

TEST(LogNames, AnythingElseIsNoFolder) {
  const std::string cases[] = {"",
                               kUid,
                               "ns_" + kUid,
                               "ns_pod_",
                               "ns_pod_" + kUid.substr(1),
                               "ns_pod_" + kUid + "0",
                               "ns_pod_more_" + kUid,
                               "_pod_" + kUid,
                               "ns__" + kUid,
                               "n.s_pod_" + kUid,
                               "ns_pod_" + std::string(36, '-'),
                               "ns_pod_" + std::string(32, 'g')};
  for (const std::string& name : cases) EXPECT_FALSE(log_names::pod(name)) << name;
}

}  // namespace
}  // namespace vitalsd
