// A real inotify, and one that is refused.
#include "collectors/storage/directory_watch.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <cerrno>

#include "tests/fakes/real_tree.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

int refusal = 0;  // errno of what is refused
int adds = 0;
int init(int flags) {
  errno = refusal;
  return refusal == EMFILE ? -1 : ::inotify_init1(flags);
}
int add(int fd, const char* path, std::uint32_t mask) {
  ++adds;
  errno = refusal;
  return refusal == ENOSPC ? -1 : ::inotify_add_watch(fd, path, mask);
}

class DirectoryWatchTest : public RealTree {
 protected:
  DirectoryWatchTest() {
    refusal = adds = 0;
    std::filesystem::create_directories(directory / "d");
  }
  Result<bool> round(DirectoryWatch& watch) {
    watch.begin(now, false);
    const auto added = watch.add((directory / "d").string(), now);
    watch.end();
    return added;
  }
  static bool is_readable(const DirectoryWatch& watch) {
    pollfd polled{.fd = watch.fd(), .events = POLLIN, .revents = 0};
    return ::poll(&polled, 1, 0) == 1;
  }
  static bool comes(DirectoryWatch& watch) { return is_readable(watch) && watch.woken(); }

  DirectoryWatch::Time now{1h};
};

TEST_F(DirectoryWatchTest, WakesForFilesThatAreDone) {
  DirectoryWatch watch(true, ".prom");
  EXPECT_EQ(round(watch), true);
  EXPECT_FALSE(is_readable(watch));
  write("d/x.tmp", "a 1\n");
  EXPECT_TRUE(is_readable(watch));
  EXPECT_FALSE(watch.woken());
  EXPECT_FALSE(is_readable(watch));
  std::filesystem::rename(directory / "d/x.tmp", directory / "d/x.prom");
  EXPECT_TRUE(comes(watch));
  EXPECT_TRUE(is_readable(watch));  // until a run begins
  round(watch);
  EXPECT_FALSE(is_readable(watch));
  std::filesystem::remove(directory / "d/x.prom");
  EXPECT_TRUE(comes(watch));
}

TEST_F(DirectoryWatchTest, ADirectoryThatIsReplacedIsFollowed) {
  DirectoryWatch watch(true, ".prom");
  round(watch);
  std::filesystem::rename(directory / "d", directory / "old");
  std::filesystem::create_directories(directory / "d");
  EXPECT_TRUE(comes(watch));
  round(watch);
  write("d/x.prom", "a 1\n");
  EXPECT_TRUE(comes(watch));
  std::filesystem::remove_all(directory / "d");
  EXPECT_TRUE(comes(watch));
  EXPECT_EQ(round(watch), false);
  EXPECT_EQ(watch.refused(), 0U);
  std::filesystem::create_directories(directory / "d");
  EXPECT_EQ(round(watch), true);
}

TEST_F(DirectoryWatchTest, WhatIsRefusedIsAskedForAgainLater) {
  for (const int code : {ENOSPC, EMFILE}) {
    refusal = code;
    DirectoryWatch watch(true, ".prom", {&init, &add});
    const auto refused = round(watch);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().sys, code);
    EXPECT_EQ(watch.refused(), 1U);
    now += 9s;
    EXPECT_EQ(round(watch), false);
    EXPECT_EQ(watch.refused(), 1U);
    now += 1s;
    EXPECT_FALSE(round(watch));  // asked, and refused again
    now += 19s;
    EXPECT_EQ(round(watch), false);
    refusal = 0;
    now += 1s;
    EXPECT_EQ(round(watch), true);
    EXPECT_EQ(watch.refused(), 0U);
    write("d/x.prom", "a 1\n");
    EXPECT_TRUE(comes(watch));
  }
}

TEST_F(DirectoryWatchTest, WhatIsNoLongerWantedIsLeft) {
  DirectoryWatch watch(true, ".prom");
  round(watch);
  watch.begin(now, false);
  watch.end();
  write("d/x.prom", "a 1\n");
  (void)watch.woken();
  EXPECT_FALSE(is_readable(watch));
}

TEST_F(DirectoryWatchTest, WhoWritesAllTheTimeCostsOneRunASecond) {
  DirectoryWatch watch(true, ".prom");
  round(watch);
  write("d/x.prom", "a 1\n");
  EXPECT_TRUE(comes(watch));
  watch.begin(now, true);
  write("d/x.prom", "a 2\n");
  EXPECT_TRUE(is_readable(watch));
  EXPECT_FALSE(watch.woken());
  EXPECT_TRUE(is_readable(watch));  // it is not forgotten
}

TEST_F(DirectoryWatchTest, WithoutDirectoriesNothingIsOpened) {
  DirectoryWatch watch(false, ".prom");
  EXPECT_EQ(watch.fd(), -1);
  EXPECT_EQ(round(watch), false);
  EXPECT_FALSE(watch.woken());
}

}  // namespace
}  // namespace vitalsd
