// Where the controllers of version 1 are, according to the mounts and not to the names of directories.
#include "collectors/cgroup/hierarchy.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_files.h"

namespace vitalsd {
namespace {

std::string mount(int id, const std::string& point, const std::string& type, const std::string& options) {
  return std::to_string(id) + " 1 0:" + std::to_string(id) + " / " + point + " rw,relatime - " + type + " none rw," +
         options + "\n";
}

class Hierarchies : public testing::Test {
 protected:
  Hierarchies() {
    for (const char* name : {"alpha", "beta", "gamma"}) files_.file(std::string(name) + "/cgroup.procs", "");
  }
  Hierarchy find(const std::string& mountinfo, std::string_view place = "/sys/fs/cgroup") {
    auto tree = Hierarchy::find(files_, {mountinfo, place});
    EXPECT_TRUE(tree);
    return tree ? std::move(*tree) : Hierarchy();
  }
  FakeFiles files_;
};

TEST_F(Hierarchies, AreWhereTheirMountsSay) {
  const auto tree = find(mount(5, "/sys/fs/cgroup/alpha", "cgroup", "xattr,pids") +
                         mount(6, "/sys/fs/cgroup/beta", "cgroup", "blkio,memory") +
                         mount(7, "/sys/fs/cgroup/gamma", "cgroup", "xattr,name=systemd"));
  EXPECT_EQ(tree.of("pids"), "alpha");
  EXPECT_EQ(tree.of("blkio"), "beta");
  EXPECT_EQ(tree.of("memory"), "beta");
  EXPECT_EQ(tree.of("cpu"), "");
  EXPECT_EQ(tree.roots(), (std::vector<std::string>{"beta", "alpha"}));
}

TEST_F(Hierarchies, OfAHostBelowAnotherPathAreFoundThere) {
  const std::string mounts = mount(5, "/sys/fs/cgroup/gamma", "cgroup", "pids") +  // our own
                             mount(6, "/host/sys/fs/cgroup/alpha", "cgroup", "pids") +
                             mount(7, "/host/sys/fs/cgroup2/beta", "cgroup", "memory");
  EXPECT_EQ(find(mounts, "/host/sys/fs/cgroup").of("pids"), "alpha");
  EXPECT_EQ(find(mounts, "/host/sys/fs/cgroup/").of("memory"), "");
}

TEST_F(Hierarchies, ALieInADirectorysNameDoesNotCount) {
  files_.file("memory/cgroup.procs", "").file("memory/memory.usage_in_bytes", "1\n");
  const auto tree =
      find(mount(5, "/sys/fs/cgroup/memory", "cgroup", "pids") + mount(6, "/sys/fs/cgroup/alpha", "cgroup", "memory"));
  EXPECT_EQ(tree.of("pids"), "memory");
  EXPECT_EQ(tree.of("memory"), "alpha");
}

TEST_F(Hierarchies, AMountThatIsCoveredIsNotTaken) {
  const auto tree =
      find(mount(5, "/sys/fs/cgroup/alpha", "cgroup", "pids") + mount(6, "/sys/fs/cgroup/beta", "cgroup", "pids") +
           "9 5 0:9 / /sys/fs/cgroup/alpha rw - " + "fuse.evil none rw,pids\n");
  EXPECT_EQ(tree.of("pids"), "beta");
}

TEST_F(Hierarchies, WithoutMountsNamesAndFilesAreWhatThereIs) {
  files_.file("pids/cgroup.procs", "").file("alpha/memory.usage_in_bytes", "1\n");
  const auto tree = find("");
  EXPECT_EQ(tree.of("pids"), "pids");
  EXPECT_EQ(tree.of("memory"), "alpha");
}

TEST_F(Hierarchies, TheSecondVersionBesideItIsFoundByItsMount) {
  EXPECT_EQ(find(mount(5, "/sys/fs/cgroup/alpha", "cgroup", "pids") + mount(6, "/sys/fs/cgroup/beta", "cgroup2", "x"))
                .of("unified"),
            "beta");
  files_.file("unified/cgroup.procs", "");
  EXPECT_EQ(find(mount(5, "/sys/fs/cgroup/alpha", "cgroup", "pids")).of("unified"), "unified");
}

}  // namespace
}  // namespace vitalsd
