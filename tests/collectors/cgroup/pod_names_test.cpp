// The names of logs, followed while they come and go, also where inotify is refused.
#include "collectors/cgroup/pod_names.h"

#include <gtest/gtest.h>

#include "tests/fakes/real_tree.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

std::string id_of(char digit) { return std::string(64, digit); }
std::string uid_of(char digit) { return std::string(8, digit) + "-8b4d-4a0c-9a4d-6f4d1f2f6f11"; }

class PodNamesTest : public RealTree {
 protected:
  void pod(const std::string& name, char digit) const {
    std::filesystem::create_directories(directory / "pods" / ("shop_" + name + "_" + uid_of(digit)));
  }
  std::string link_of(const std::string& name, char digit) const {
    return "containers/" + name + "_shop_nginx-" + id_of(digit) + ".log";
  }
  void container(const std::string& name, char digit) const { symlink(link_of(name, digit), "/nowhere"); }
  void prepare() const {
    std::filesystem::create_directories(directory / "pods");
    std::filesystem::create_directories(directory / "containers");
  }
  PodNames make(PodNames::Calls calls = {}) const { return {directory / "pods", directory / "containers", calls}; }
  void round(PodNames& names) {
    faults.faults.clear();
    names.round(now, faults);
  }
  static std::string pod_of(const ContainerNames* names) { return names == nullptr ? "none" : names->pod; }

  PodNames::Time now{1h};
  RecordingFaults faults;
};

TEST_F(PodNamesTest, AreListedAndThenFollowed) {
  prepare();
  pod("web-0", '1');
  container("web-0", '1');
  PodNames names = make();
  round(names);
  EXPECT_EQ(pod_of(names.pod(uid_of('1'))), "web-0");
  ASSERT_NE(names.container(id_of('1')), nullptr);
  EXPECT_EQ(*names.container(id_of('1')), (ContainerNames{.pod = "web-0", .ns = "shop", .container = "nginx"}));

  const auto before = names.generation();
  round(names);
  EXPECT_EQ(names.generation(), before) << "nothing has changed";
  pod("web-1", '2');
  container("web-1", '2');
  std::filesystem::remove(directory / link_of("web-0", '1'));
  round(names);
  EXPECT_NE(names.generation(), before);
  EXPECT_EQ(pod_of(names.pod(uid_of('2'))), "web-1");
  EXPECT_EQ(pod_of(names.container(id_of('2'))), "web-1");
  EXPECT_EQ(pod_of(names.container(id_of('1'))), "none");
  EXPECT_TRUE(faults.faults.empty());
}

TEST_F(PodNamesTest, PodOfTheSameNameIsAnother) {
  prepare();
  container("web-0", '1');
  PodNames names = make();
  round(names);
  container("web-0", '2');
  std::filesystem::remove(directory / link_of("web-0", '1'));
  round(names);
  EXPECT_EQ(pod_of(names.container(id_of('1'))), "none");
  EXPECT_EQ(pod_of(names.container(id_of('2'))), "web-0");
}

TEST_F(PodNamesTest, DirectoriesThatComeLaterAreFound) {
  PodNames names = make();
  round(names);
  EXPECT_TRUE(faults.faults.empty()) << "there is no kubelet here";
  prepare();
  container("web-0", '1');
  round(names);
  EXPECT_EQ(pod_of(names.container(id_of('1'))), "none");
  now += PodNames::kRescan;
  round(names);
  EXPECT_EQ(pod_of(names.container(id_of('1'))), "web-0");
}

TEST_F(PodNamesTest, DirectoryThatIsReplacedIsFollowedAnew) {
  prepare();
  container("web-0", '1');
  PodNames names = make();
  round(names);
  std::filesystem::rename(directory / "containers", directory / "old");
  std::filesystem::create_directories(directory / "containers");
  container("web-1", '2');
  round(names);
  EXPECT_EQ(pod_of(names.container(id_of('1'))), "none");
  EXPECT_EQ(pod_of(names.container(id_of('2'))), "web-1");
  container("web-2", '3');
  round(names);
  EXPECT_EQ(pod_of(names.container(id_of('3'))), "web-2");
}

TEST_F(PodNamesTest, AreListedSlowlyWhereInotifyIsRefused) {
  prepare();
  container("web-0", '1');
  PodNames names = make({.init =
                             [](int) {
                               errno = EMFILE;
                               return -1;
                             },
                         .add = [](int, const char*, std::uint32_t) { return -1; }});
  round(names);
  EXPECT_EQ(pod_of(names.container(id_of('1'))), "web-0");
  ASSERT_EQ(faults.faults.size(), 1U);
  EXPECT_EQ(faults.faults[0].field, "inotify");
  container("web-1", '2');
  round(names);
  EXPECT_EQ(pod_of(names.container(id_of('2'))), "none");
  now += PodNames::kRescan;
  round(names);
  EXPECT_EQ(pod_of(names.container(id_of('2'))), "web-1");
}

TEST_F(PodNamesTest, HostileNamesAreLeftOut) {
  prepare();
  for (const std::string name : {"a", "..log", "_", "x_y_z.log", "\n\"\\", "w_shop_nginx-.log"}) {
    write("containers/" + name, "");
    write("pods/" + name, "");
  }
  container("web-0", '1');
  PodNames names = make();
  round(names);
  EXPECT_EQ(pod_of(names.container(id_of('1'))), "web-0");
  write("containers/Evil_shop_nginx-" + id_of('2') + ".log", "");
  round(names);
  EXPECT_EQ(pod_of(names.container(id_of('2'))), "none");
}

TEST_F(PodNamesTest, ThousandsAreKnownAndEventsMayBeLost) {
  prepare();
  const auto link = [&](int i) {
    const std::string number = std::to_string(i);
    write("containers/p" + number + "_shop_c-" + std::string(64 - number.size(), '0') + number + ".log", "");
  };
  for (int i = 0; i < 10'000; ++i) link(i);
  PodNames names = make();
  round(names);
  EXPECT_EQ(pod_of(names.container(std::string(60, '0') + "9999")), "p9999");
  // More than a round takes event by event.
  for (int i = 10'000; i < 19'000; ++i) link(i);
  round(names);
  EXPECT_EQ(pod_of(names.container(std::string(59, '0') + "18999")), "p18999");
  EXPECT_TRUE(faults.faults.empty());
  for (int i = 19'000; i < 20'100; ++i) link(i);
  round(names);
  ASSERT_EQ(faults.faults.size(), 1U);
  EXPECT_EQ(faults.faults[0].code, Errc::too_large);
}

}  // namespace
}  // namespace vitalsd
