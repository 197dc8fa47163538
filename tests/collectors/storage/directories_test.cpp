// Real trees, with mounts and links that lead elsewhere, one that hangs, and one that cannot be read.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/storage/directory_walk.h"
#include "tests/fakes/in_child.h"
#include "tests/fakes/real_tree.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

class Directories : public RealTree {
 protected:
  std::string path(const std::string& name) const { return (directory / name).string(); }
  void watch(std::initializer_list<std::string> names,
             std::initializer_list<std::pair<const char*, const char*>> given = {}) {
    const CollectorSpec& spec = *find_collector("directories");
    Options options = Options::defaults(spec.options);
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(name.starts_with('/') || name == "d" ? name : path(name));
    options.set("paths", {.text = "", .items = paths, .records = {}});
    for (const auto& [option, value] : given) options.set(option, {.text = value, .items = {}, .records = {}});
    collector = spec.make(options);
  }
  std::string of(const char* what, const std::string& name) const {
    return value(std::string("vitalsd_directory_") + what + "{directory=\"" + path(name) + "\"}");
  }
  void age(const std::string& name, std::int64_t modified) const {
    const timespec times[2] = {{modified, 0}, {modified, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path(name).c_str(), times, 0), 0);
  }
  // The tree that most tests measure: 3 files of 10, 20 and 30 bytes.
  void fill() const {
    write("t/a", std::string(10, 'a'));
    write("t/x/b", std::string(20, 'b'));
    write("t/x/y/c", std::string(30, 'c'));
    age("t/a", 3'000);
    age("t/x/b", 1'000);
    age("t/x/y/c", 2'000);
  }
  // A mount whose file system never answers.
  static bool mount_hung(const std::string& where) {
    const int fuse = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
    const std::string data = "fd=" + std::to_string(fuse) + ",rootmode=40000,user_id=0,group_id=0";
    return fuse >= 0 && ::mount("hung", where.c_str(), "fuse", 0, data.c_str()) == 0;
  }
  // In a mount namespace of its own, which goes away with it.
  static std::string apart(const std::function<std::string()>& run) {
    return in_child([&]() -> std::string {
      if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return "skip";
      return run();
    });
  }
};

TEST_F(Directories, MeasureWhatLiesBelow) {
  fill();
  symlink("t/link", path("t/x"));
  symlink("t/file-link", path("t/a"));
  hard_link("t/same", "t/a");
  ASSERT_EQ(::mkfifo(path("t/fifo").c_str(), 0600), 0);
  write("empty/d/.keep", "");
  std::filesystem::remove(directory / "empty/d/.keep");
  watch({"t", "empty"});
  round();
  EXPECT_TRUE(last.faults.empty());
  EXPECT_EQ(of("size_bytes", "t"), "70");
  EXPECT_EQ(of("files", "t"), "4");
  EXPECT_EQ(of("subdirectories", "t"), "2");
  EXPECT_EQ(of("oldest_modification_seconds", "t"), "1000");
  EXPECT_EQ(of("newest_modification_seconds", "t"), "3000");
  EXPECT_EQ(of("unreadable", "t"), "0");
  EXPECT_EQ(of("measured_timestamp_seconds", "t"), "1700000000");
  EXPECT_NE(of("allocated_bytes", "t"), "absent");
  EXPECT_EQ(of("files", "empty"), "0");
  EXPECT_EQ(of("subdirectories", "empty"), "1");
  EXPECT_EQ(of("oldest_modification_seconds", "empty"), "absent");
}

TEST_F(Directories, LargeTreesTakeSeveralRounds) {
  fill();
  watch({"t"}, {{"entries", "3"}});
  round();
  EXPECT_EQ(of("files", "t"), "absent");
  int rounds = 1;
  while (of("files", "t") == "absent" && rounds < 100) {
    round();
    ++rounds;
  }
  EXPECT_GT(rounds, 2);
  EXPECT_EQ(of("size_bytes", "t"), "60");
  write("t/x/new", "12345");
  for (int i = 0; i < 10; ++i) round();
  EXPECT_EQ(of("size_bytes", "t"), "60");  // it was measured just now
  clock.advance(5min);
  round();
  EXPECT_EQ(of("size_bytes", "t"), "60");  // as before, until the next measure is complete
  for (int i = 0; i < 10; ++i) round();
  EXPECT_EQ(of("size_bytes", "t"), "65");
}

TEST_F(Directories, WhatIsMissingOrNoDirectoryIsAbsent) {
  fill();
  watch({"no-such", "t/a", "t"});
  round();
  EXPECT_EQ(of("files", "t"), "3");
  EXPECT_EQ(last.faults.size(), 2U);
  EXPECT_EQ(of("files", "no-such"), "absent");
  write("no-such/x", "1");
  clock.advance(5min);
  round();
  EXPECT_EQ(of("files", "no-such"), "1");
  std::filesystem::remove_all(directory / "no-such");
  clock.advance(5min);
  round();
  EXPECT_EQ(of("files", "no-such"), "absent");
}

TEST_F(Directories, LieBelowTheRootOfTheHost) {
  write("root/d/x", "123");
  host.root_path = path("root");
  const CollectorSpec& spec = *find_collector("directories");
  Options options = Options::defaults(spec.options);
  options.set("paths", {.text = "", .items = {"/d"}, .records = {}});
  collector = spec.make(options);
  round();
  EXPECT_EQ(value("vitalsd_directory_size_bytes{directory=\"/d\"}"), "3");
}

TEST_F(Directories, ADirectoryThatBecomesALinkIsNotFollowed) {
  fill();
  write("secret/s", std::string(1000, 's'));
  DirectoryWalk walk(path("t"));
  std::stop_source stop;
  // ".", "..", a, x and the end: t/x is known then, and not read yet.
  ASSERT_TRUE(walk.step(5, stop.get_token()));
  ASSERT_EQ(walk.found().bytes, 10U);
  std::filesystem::rename(directory / "t/x", directory / "moved");
  symlink("t/x", "../secret");
  Result<DirectoryWalk::State> state = DirectoryWalk::State::going;
  for (int i = 0; i < 100 && state && *state == DirectoryWalk::State::going; ++i)
    state = walk.step(1, stop.get_token());
  ASSERT_TRUE(state);
  EXPECT_LT(walk.found().bytes, 100U);
  EXPECT_EQ(walk.found().unreadable, 0U);
}

TEST_F(Directories, OtherMountsAreNotEntered) {
  fill();
  write("elsewhere/e", std::string(1000, 'e'));
  const std::string got = apart([&]() -> std::string {
    if (::mount("tmpfs", path("t/x").c_str(), "tmpfs", 0, nullptr) != 0) return "skip";
    write("t/x/more", std::string(500, 'm'));
    std::filesystem::create_directories(directory / "t/bound");
    if (::mount(path("elsewhere").c_str(), path("t/bound").c_str(), nullptr, MS_BIND, nullptr) != 0) return "skip";
    watch({"t"});
    round();
    return of("size_bytes", "t") + " " + of("unreadable", "t") + " " + std::to_string(last.faults.size());
  });
  if (got == "skip") GTEST_SKIP() << "no mounts can be made here";
  EXPECT_EQ(got, "10 0 0");
}

TEST_F(Directories, AMountThatHangsCostsItself) {
  fill();
  std::filesystem::create_directories(directory / "hung");
  const std::string got = apart([&]() -> std::string {
    if (!mount_hung(path("hung"))) return "skip";
    watch({"hung", "t"}, {{"patience", "50ms"}});
    round();
    round();
    std::string faults;
    for (const RecordedFault& fault : last.faults)
      faults += " " + fault.entity + " " + std::string(name_of(fault.code));
    return of("files", "hung") + " " + of("files", "t") + faults;
  });
  if (got == "skip") GTEST_SKIP() << "no mounts can be made here";
  EXPECT_EQ(got, "absent 3 " + path("hung") + " timed_out");
}

TEST_F(Directories, AHungMountBelowIsNotTouched) {
  fill();
  const std::string got = apart([&]() -> std::string {
    if (!mount_hung(path("t/x"))) return "skip";
    watch({"t"}, {{"patience", "5s"}});
    round();
    return of("files", "t") + " " + std::to_string(last.faults.size());
  });
  if (got == "skip") GTEST_SKIP() << "no mounts can be made here";
  EXPECT_EQ(got, "1 0");
}

TEST_F(Directories, WhatCannotBeReadLeavesNoSumBehind) {
  fill();
  ASSERT_EQ(::chmod(path("t/x").c_str(), 0700), 0);
  ASSERT_EQ(::chmod(directory.c_str(), 0755), 0);
  if (::geteuid() != 0) GTEST_SKIP() << "root reads everything";
  const std::string got = in_child([&]() -> std::string {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) return "skip";
    watch({"t"});
    round();
    return of("files", "t") + " " + of("unreadable", "t") + " " + std::to_string(last.faults.size()) + " " +
           std::string(name_of(last.faults.at(0).code));
  });
  EXPECT_EQ(got, "absent 1 1 denied");
}

TEST_F(Directories, PathsBeginWithASlash) { EXPECT_THROW(watch({"d"}), OptionError); }

}  // namespace
}  // namespace vitalsd
