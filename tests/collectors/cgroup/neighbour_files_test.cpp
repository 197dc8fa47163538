// What another process has at /sys/fs/cgroup, with real mounts in a namespace of its own: those of the kernel, and a
// FUSE file system whose server never answers. If a test waits for it, SIGALRM ends the test.
#include "collectors/cgroup/neighbour_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "collectors/cgroup/hierarchy.h"

namespace vitalsd {
namespace {

constexpr unsigned kDeadline = 20;  // seconds, for a test that takes milliseconds

// Runs in the child, below its new root, which is a tmpfs.
bool make_directory(const char* path) { return std::filesystem::create_directories(path), true; }
bool mount_at(const char* path, const char* type, const char* options = nullptr) {
  return make_directory(path) && ::mount("none", path, type, 0, options) == 0;
}
bool mount_fuse(const char* device, const char* path) {
  const int fd = ::open(device, O_RDWR);  // stays open, and nobody reads it
  const std::string options = "fd=" + std::to_string(fd) + ",rootmode=40000,user_id=0,group_id=0";
  return fd >= 0 && mount_at(path, "fuse", options.c_str());
}

class NeighbourMounts : public testing::Test {
 protected:
  void SetUp() override { ::alarm(kDeadline); }
  void TearDown() override {
    ::alarm(0);
    process_.reset();
    if (child_ > 0) ::kill(child_, SIGKILL), ::waitpid(child_, nullptr, 0);
    if (!root_.empty()) std::filesystem::remove_all(root_);
  }
  /// Starts a process with the mounts that `make` makes; false if this machine does not permit them.
  bool start(const std::function<bool()>& make) {
    root_ = testing::TempDir() + "neighbourXXXXXX";
    if (::mkdtemp(root_.data()) == nullptr) return false;
    int ready[2];
    if (::pipe2(ready, O_CLOEXEC) != 0) return false;
    child_ = ::fork();
    if (child_ == 0) {
      const bool made = ::unshare(CLONE_NEWNS) == 0 &&
                        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                        ::mount("none", root_.c_str(), "tmpfs", 0, nullptr) == 0 && ::chdir(root_.c_str()) == 0 &&
                        make() && ::chroot(".") == 0;
      (void)!::write(ready[1], made ? "y" : "n", 1);
      ::pause();
      ::_exit(0);
    }
    char made = 'n';
    (void)!::read(ready[0], &made, 1);
    ::close(ready[0]);
    ::close(ready[1]);
    process_.reset(::open(("/proc/" + std::to_string(child_)).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return made == 'y' && process_;
  }
  Result<SeenCgroups> find() { return find_cgroups_of(process_.get(), buffer_); }

  std::string root_, buffer_;
  pid_t child_ = -1;
  Fd process_;
};

TEST_F(NeighbourMounts, OfVersion2AreRead) {
  if (!start([] { return mount_at("sys/fs/cgroup", "cgroup2"); })) GTEST_SKIP() << "no mounts";
  auto seen = find();
  ASSERT_TRUE(seen) << describe(seen.error());
  const NeighbourFiles files(std::move(seen->mounts));
  std::string text;
  for (const Keep keep : {Keep::yes, Keep::yes, Keep::no}) EXPECT_TRUE(files.read("cgroup.controllers", text, keep));
  EXPECT_EQ(files.read("cgroup.nothing", text).error().code, Errc::unavailable);
  const auto tree = Hierarchy::find(files);
  ASSERT_TRUE(tree);
  EXPECT_TRUE(tree->unified());
}

TEST_F(NeighbourMounts, OfVersion1AreReadWhateverTheyAreCalled) {
  if (!start([] {
        return mount_at("sys/fs/cgroup", "tmpfs") && mount_at("sys/fs/cgroup/odd", "cgroup", "pids") &&
               make_directory("sys/fs/cgroup/memory");
      })) {
    GTEST_SKIP() << "no version 1";
  }
  auto seen = find();
  ASSERT_TRUE(seen) << describe(seen.error());
  ASSERT_EQ(seen->mounts.size(), 1U) << "a directory that nothing is mounted on is none";
  const NeighbourFiles files(std::move(seen->mounts));
  const auto tree = Hierarchy::find(files, {seen->mountinfo, SeenCgroups::kPlace});
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->of("pids"), "odd");
  std::string text;
  EXPECT_TRUE(files.read("odd/cgroup.procs", text));
  EXPECT_FALSE(files.read("odder/cgroup.procs", text));
}

TEST_F(NeighbourMounts, AServerThatNeverAnswersIsNotAsked) {
  for (const char* place : {"sys", "sys/fs", "sys/fs/cgroup"}) {
    if (!start([place] { return mount_fuse("/dev/fuse", place); })) GTEST_SKIP() << "no FUSE";
    const auto seen = find();
    ASSERT_FALSE(seen) << place;
    EXPECT_TRUE(seen.error().code == Errc::malformed || seen.error().sys == EAGAIN) << place << describe(seen.error());
    TearDown();
    SetUp();
  }
}

TEST_F(NeighbourMounts, AServerOverAHierarchyIsNotAsked) {
  if (!start([] {
        return mount_at("sys/fs/cgroup", "tmpfs") && mount_at("sys/fs/cgroup/pids", "cgroup", "pids") &&
               mount_fuse("/dev/fuse", "sys/fs/cgroup/memory");
      })) {
    GTEST_SKIP() << "no version 1 or no FUSE";
  }
  auto seen = find();
  ASSERT_TRUE(seen) << describe(seen.error());
  ASSERT_EQ(seen->mounts.size(), 1U);
  EXPECT_EQ(seen->mounts[0].name, "pids");
}

TEST_F(NeighbourMounts, AServerOverASingleFileIsNotAsked) {
  if (!start([] {
        const int fd = ::open("/dev/fuse", O_RDWR);
        const std::string options = "fd=" + std::to_string(fd) + ",rootmode=100000,user_id=0,group_id=0";
        return mount_at("sys/fs/cgroup", "cgroup2") &&
               ::mount("none", "sys/fs/cgroup/cgroup.controllers", "fuse", 0, options.c_str()) == 0;
      })) {
    GTEST_SKIP() << "no FUSE";
  }
  auto seen = find();
  ASSERT_TRUE(seen) << describe(seen.error());
  const NeighbourFiles files(std::move(seen->mounts));
  std::string text;
  EXPECT_EQ(files.read("cgroup.controllers", text).error().sys, EXDEV);
  EXPECT_TRUE(files.read("cgroup.procs", text));
}

TEST_F(NeighbourMounts, ADirectoryInTheirPlaceIsNoCgroups) {
  if (!start([] { return make_directory("sys/fs/cgroup"); })) GTEST_SKIP() << "no mounts";
  ASSERT_FALSE(find());
}

}  // namespace
}  // namespace vitalsd
