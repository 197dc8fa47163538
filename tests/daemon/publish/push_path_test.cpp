// The path of a push, in both forms.
#include "daemon/publish/push_path.h"

#include <gtest/gtest.h>

#include <vector>

namespace vitalsd {
namespace {

using Case = std::pair<std::string_view, GroupLabels>;

TEST(PushPath, NamesAGroup) {
  const std::vector<Case> cases = {
      {"/api/v1/publish/backup", {{"job", "backup"}}},
      {"/api/v1/publish/backup/", {{"job", "backup"}}},
      {"/metrics/job/backup", {{"job", "backup"}}},
      {"/metrics/job/a/instance/b", {{"job", "a"}, {"instance", "b"}}},
      {"/metrics/job/a/job/b", {{"job", "a"}}},
      {"/metrics/job/a/path/%2Fvar%2Ftmp", {{"job", "a"}, {"path", "/var/tmp"}}},
      {"/metrics/job/a/path@base64/L3Zhci90bXA", {{"job", "a"}, {"path", "/var/tmp"}}},
      {"/metrics/job/a/path@base64/L3Zhci90bXA=", {{"job", "a"}, {"path", "/var/tmp"}}},
      {"/metrics/job/a/path%40base64/L3Zhci90bXA%3D", {{"job", "a"}, {"path", "/var/tmp"}}},
      {"/metrics/job@base64/L3Zhci90bXA/x/y", {{"job", "/var/tmp"}, {"x", "y"}}},
      {"/metrics/job/a/name@base64/=", {{"job", "a"}, {"name", ""}}},
      {"/metrics/job/a/name/", {{"job", "a"}, {"name", ""}}},
      {"/metrics/job/a/n/1+1%20%C3%A9", {{"job", "a"}, {"n", "1+1 \xC3\xA9"}}},
      {"/metrics/job/a/greek@base64/zqDPgc6_zrzOt864zrXPjc-C",
       {{"job", "a"}, {"greek", "\xCE\xA0\xCF\x81\xCE\xBF\xCE\xBC\xCE\xB7\xCE\xB8\xCE\xB5\xCF\x8D\xCF\x82"}}},
  };
  for (const auto& [path, expected] : cases) {
    const auto labels = push_path::parse(path);
    ASSERT_TRUE(labels) << path << ": " << labels.error();
    EXPECT_EQ(*labels, expected) << path;
  }
}

TEST(PushPath, RefusesWhatNamesNone) {
  const std::vector<std::string_view> cases = {
      "/metrics/job/",
      "/metrics/job//instance/a",
      "/metrics/job@base64/=",
      "/metrics/job@base64/a",
      "/metrics/job/a/instance",
      "/metrics/job/a/instance/b/c",
      "/metrics/job/a/1st/b",
      "/metrics/job/a/__name__/b",
      "/metrics/job/a/a-b/c",
      "/metrics/job/a//c",
      "/metrics/job/a/x/1/x/2",
      "/metrics/job/%zz",
      "/metrics/job/%4",
      "/metrics/job/a%00b",
      "/metrics/job/%ff",
      "/metrics/job/a/x@base64/_w",
      "/metrics/job/a/x@base64/!",
      "/metrics/group/a",
      "/metrics/job/a/a1/b/a2/b/a3/b/a4/b/a5/b/a6/b/a7/b/a8/b/a9/b/a10/b/a11/b/a12/b/a13/b/a14/b/a15/b/a16/b",
  };
  for (const auto path : cases) {
    const auto labels = push_path::parse(path);
    EXPECT_FALSE(labels) << path << " is " << describe(*labels);
    if (!labels) {
      EXPECT_EQ(labels.error().find('\n'), std::string::npos);
    }
  }
}

TEST(PushPath, IsDescribedWithTheJobFirst) {
  EXPECT_EQ(describe({{"a", "1"}, {"job", "x\"y"}}), "job=\"x\\\"y\",a=\"1\"");
}

}  // namespace
}  // namespace vitalsd
