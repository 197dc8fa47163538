// /proc/PID/cgroup of both versions, with the names that systemd and container engines use.
#include "collectors/formats/pid/pid_cgroup.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vitalsd {
namespace {

TEST(PidCgroup, TakesThePathOfALine) {
  EXPECT_EQ(pid_cgroup::path_of("0::/system.slice/nginx.service"), "/system.slice/nginx.service");
  EXPECT_EQ(pid_cgroup::path_of("1:name=systemd:/a:b"), "/a:b");
  EXPECT_EQ(pid_cgroup::path_of("4:cpu,cpuacct:/"), "/");
  EXPECT_EQ(pid_cgroup::path_of("0::/gone (deleted)"), "/gone");
  for (const char* line : {"", "0", "0:", "0::", "0:x:relative", ":/:"})
    EXPECT_EQ(pid_cgroup::path_of(line), "") << line;
}

TEST(PidCgroup, AsksEveryLine) {
  std::vector<std::string> paths;
  const std::string text = "2:cpu:/one\nnonsense\n\n1:name=systemd:/two\n0::/three";
  EXPECT_FALSE(pid_cgroup::any_path(text, [&](std::string_view path) {
    paths.emplace_back(path);
    return false;
  }));
  EXPECT_EQ(paths, (std::vector<std::string>{"/one", "/two", "/three"}));
  EXPECT_TRUE(pid_cgroup::any_path(text, [](std::string_view path) { return path == "/three"; }));
}

TEST(PidCgroup, HoldsWhatIsBelow) {
  EXPECT_TRUE(pid_cgroup::in_cgroup("/a", "/a"));
  EXPECT_TRUE(pid_cgroup::in_cgroup("/a/b", "/a"));
  EXPECT_FALSE(pid_cgroup::in_cgroup("/ab", "/a"));
  EXPECT_FALSE(pid_cgroup::in_cgroup("/", "/a"));
  EXPECT_TRUE(pid_cgroup::in_cgroup("/", "/"));
  EXPECT_FALSE(pid_cgroup::in_cgroup("/a", "/"));
}

TEST(PidCgroup, KnowsUnits) {
  EXPECT_TRUE(pid_cgroup::in_unit("/system.slice/nginx.service", "nginx.service"));
  EXPECT_TRUE(pid_cgroup::in_unit("/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"));
  EXPECT_TRUE(pid_cgroup::in_unit("/user.slice/user-1000.slice/user@1000.service/app.slice/a.service", "a.service"));
  EXPECT_TRUE(pid_cgroup::in_unit("/system.slice/nginx.service/worker", "nginx.service"));
  EXPECT_TRUE(pid_cgroup::in_unit("/system.slice/_cpu.service", "cpu.service"));
  EXPECT_FALSE(pid_cgroup::in_unit("/system.slice/my-nginx.service", "nginx.service"));
  EXPECT_FALSE(pid_cgroup::in_unit("/system.slice/nginx.service.d", "nginx.service"));
}

TEST(PidCgroup, KnowsContainers) {
  const std::string id = "8f3c2d1e0a9b" + std::string(52, '7');
  for (const std::string& path :
       {"/docker/" + id, "/system.slice/docker-" + id + ".scope", "/machine.slice/libpod-" + id + ".scope/container",
        "/kubepods/burstable/pod3c6c/" + id, "/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + id + ".scope",
        "/kubepods.slice/crio-" + id, "/system.slice/kubepods-pod1.slice:cri-containerd:" + id}) {
    EXPECT_TRUE(pid_cgroup::in_container(path, id)) << path;
    EXPECT_TRUE(pid_cgroup::in_container(path, "8f3c2d1e0a9b")) << path;
    EXPECT_FALSE(pid_cgroup::in_container(path, "8f3c2d1e0a9c")) << path;
  }
  for (const std::string& path :
       {"/machine.slice/libpod-conmon-" + id + ".scope", "/crio-conmon-" + id + ".scope", "/x" + id, "/" + id.substr(1),
        "/docker/" + id + "7", "/docker/" + std::string(64, 'g')}) {
    EXPECT_FALSE(pid_cgroup::in_container(path, "8f3c2d1e0a9b")) << path;
  }
}

}  // namespace
}  // namespace vitalsd
