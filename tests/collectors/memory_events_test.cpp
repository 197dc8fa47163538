// Real inotify over a directory that stands for a cgroup file system of version 2.
#include "collectors/cgroup/memory_events.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace vitalsd {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Time = std::chrono::steady_clock::time_point;

class AsKernel final : public FileSource {
 public:
  explicit AsKernel(std::string root) : root_(std::move(root)) {}
  Result<int> open(std::string_view path) const override { return files_->open(path); }
  bool is_kernel() const noexcept override { return true; }
  Result<std::string_view> read(std::string_view, std::string&, Keep) const override { return none(); }
  Result<std::string_view> attribute(std::string_view, std::string&, Keep) const override { return none(); }
  Result<std::string_view> link(std::string_view, std::string&) const override { return none(); }
  Result<void> list(std::string_view, Names&) const override { return none(); }
  Result<void> directories(std::string_view, Names&) const override { return none(); }
  Result<std::uint64_t> count(std::string_view, Names&, Keep) const override { return none(); }
  Result<std::chrono::system_clock::time_point> modified(std::string_view) const override { return none(); }

 private:
  static std::unexpected<Error> none() { return fail(Errc::unavailable, "not of this test"); }
  std::string root_;
  std::unique_ptr<FileSource> files_ = open_directory(root_);
};

class MemoryEventsTest : public testing::Test {
 protected:
  static std::string temporary() {
    std::string pattern = testing::TempDir() + "/cgroups_XXXXXX";
    return ::mkdtemp(pattern.data());
  }
  ~MemoryEventsTest() override { fs::remove_all(root); }

  void cgroup(const std::string& id) {
    fs::create_directory(root + id);
    std::ofstream(root + id + "/memory.events") << text(0, 0);
  }
  static std::string text(int limits, int kills) {
    return "low 0\nhigh 0\nmax " + std::to_string(limits) + "\noom 0\noom_kill " + std::to_string(kills) +
           "\noom_group_kill 0\n";
  }
  /// In place, as the kernel does: there is always a whole file.
  void happens(const std::string& id, int limits, int kills) {
    std::fstream(root + id + "/memory.events", std::ios::in | std::ios::out) << text(limits, kills);
  }
  void begin(std::initializer_list<std::string_view> ids) {
    events.begin(files, true);
    for (const std::string_view id : ids) events.watch(files, id);
  }
  void round(std::initializer_list<std::string_view> ids, std::chrono::nanoseconds took = 0ns) {
    begin(ids);
    events.end(now, now + took);
    now += took;
  }
  bool readable() const {
    pollfd polled{.fd = events.fd(), .events = POLLIN, .revents = 0};
    return ::poll(&polled, 1, 0) == 1;
  }
  std::string_view gone_below(std::string_view id) { return events.gone_below(id, now); }
  /// As the loop does.
  bool woken() { return readable() && events.woken(now); }

  const std::string root = temporary();
  AsKernel files{root};
  MemoryEvents events;
  Time now{};
};

TEST_F(MemoryEventsTest, AKillWakesAtOnce) {
  cgroup("/a");
  round({"/", "/a"}, 1s);
  EXPECT_FALSE(readable());
  happens("/a", 0, 1);
  EXPECT_TRUE(woken());
  round({"/", "/a"});
  EXPECT_FALSE(readable());
}

TEST_F(MemoryEventsTest, AKillDoesNotWaitForWhatALimitHasCost) {
  cgroup("/a");
  round({"/", "/a"});
  happens("/a", 1, 0);
  EXPECT_FALSE(woken()) << "a kill often follows";
  EXPECT_TRUE(woken()) << "a stall may have been the cause";
  round({"/", "/a"}, 1s);
  happens("/a", 2, 0);
  EXPECT_FALSE(woken());
  now += 18s;
  EXPECT_FALSE(woken()) << "a second of work is worth twenty";
  happens("/a", 3, 1);
  EXPECT_TRUE(woken());
}

TEST_F(MemoryEventsTest, KillAfterKillCostsATwentieth) {
  cgroup("/a");
  round({"/", "/a"});
  happens("/a", 0, 1);
  ASSERT_TRUE(woken());
  round({"/", "/a"}, 1s);
  happens("/a", 0, 2);
  now += 18s;
  EXPECT_FALSE(woken());
  now += 1s;
  EXPECT_TRUE(woken()) << "it is asked for again";
}

TEST_F(MemoryEventsTest, WhatHappensDuringARoundIsAskedForAfterIt) {
  cgroup("/a");
  round({"/", "/a"});
  begin({"/", "/a"});
  happens("/a", 0, 1);
  EXPECT_TRUE(woken());
  events.end(now, now);
  EXPECT_TRUE(woken());
}

TEST_F(MemoryEventsTest, ANewCgroupBelowTheRootWakes) {
  round({"/"}, 1s);
  cgroup("/new");
  EXPECT_TRUE(woken());
  round({"/", "/new"});
  happens("/new", 0, 1);
  EXPECT_TRUE(woken());
}

TEST_F(MemoryEventsTest, OneThatWasMadeAnewIsWatchedAnew) {
  cgroup("/a");
  cgroup("/a/b");
  round({"/", "/a", "/a/b"});
  fs::remove_all(root + "/a");
  cgroup("/a");
  cgroup("/a/b");
  round({"/", "/a", "/a/b"});
  happens("/a/b", 0, 1);
  EXPECT_TRUE(woken());
}

TEST_F(MemoryEventsTest, TheLowestThatHasGoneIsNamedOnce) {
  for (const char* id : {"/a", "/a/b", "/a/b/c", "/a/d"}) cgroup(id);
  round({"/", "/a", "/a/b", "/a/b/c", "/a/d"});
  for (const char* id : {"/a/b/c", "/a/b", "/a"}) happens(id, 0, 1);
  EXPECT_TRUE(woken());
  fs::remove_all(root + "/a/b");
  begin({"/", "/a", "/a/d"});
  EXPECT_EQ(gone_below("/a/d"), "");
  EXPECT_EQ(gone_below("/a"), "/a/b/c");
  EXPECT_EQ(gone_below("/a"), "") << "that has been told";
}

TEST_F(MemoryEventsTest, WhatHasGoneIsNamedThoughAnotherHasItsName) {
  for (const char* id : {"/a", "/a/b", "/a/c"}) cgroup(id);
  round({"/", "/a", "/a/b", "/a/c"});
  for (const char* id : {"/a/b", "/a"}) happens(id, 0, 1);
  EXPECT_TRUE(woken());
  fs::remove_all(root + "/a/b");
  cgroup("/a/b");
  events.begin(files, true);
  events.left("/a/b");
  for (const char* id : {"/", "/a", "/a/b", "/a/c"}) events.watch(files, id);
  EXPECT_EQ(gone_below("/a"), "/a/b");
  EXPECT_EQ(gone_below("/a"), "") << "that has been told";
  events.end(now, now);
  happens("/a/b", 0, 1);
  begin({"/", "/a", "/a/b", "/a/c"});
  EXPECT_EQ(gone_below("/a"), "") << "nor has it gone since";
}

TEST_F(MemoryEventsTest, OneBelowTheRootThatWasMadeAnewIsNamed) {
  cgroup("/a");
  cgroup("/a/b");
  round({"/", "/a", "/a/b"});
  happens("/a/b", 0, 1);
  EXPECT_TRUE(woken());
  fs::remove_all(root + "/a");
  cgroup("/a");
  EXPECT_TRUE(woken());
  begin({"/", "/a"});
  EXPECT_EQ(gone_below("/"), "/a/b");
}

TEST_F(MemoryEventsTest, OfSeveralNoneIsNamed) {
  for (const char* id : {"/a", "/a/b", "/a/bc"}) cgroup(id);
  round({"/", "/a", "/a/b", "/a/bc"});
  for (const char* id : {"/a/b", "/a/bc"}) happens(id, 0, 1);
  EXPECT_TRUE(woken());
  for (const char* id : {"/a/b", "/a/bc"}) fs::remove_all(root + id);
  begin({"/", "/a"});
  EXPECT_EQ(gone_below("/a"), "");
}

TEST_F(MemoryEventsTest, WhoHadAKillIsNamedBeforeWhoReachedALimit) {
  for (const char* id : {"/a", "/a/b", "/a/c", "/a/d", "/a/e"}) cgroup(id);
  round({"/", "/a", "/a/b", "/a/c", "/a/d", "/a/e"});
  for (const char* id : {"/a/b", "/a/c", "/a/e"}) happens(id, 1, id == std::string_view("/a/c") ? 1 : 0);
  EXPECT_TRUE(woken());
  for (const char* id : {"/a/b", "/a/c", "/a/d", "/a/e"}) fs::remove_all(root + id);
  begin({"/", "/a"});
  EXPECT_EQ(gone_below("/a"), "/a/c");
}

TEST_F(MemoryEventsTest, WhoReachedALimitIsNamedWhenNobodyElseHad) {
  for (const char* id : {"/a", "/a/b", "/a/c"}) cgroup(id);
  round({"/", "/a", "/a/b", "/a/c"});
  happens("/a/b", 1, 0);
  EXPECT_FALSE(woken());
  for (const char* id : {"/a/b", "/a/c"}) fs::remove_all(root + id);
  begin({"/", "/a"});
  EXPECT_EQ(gone_below("/a"), "/a/b");
}

TEST_F(MemoryEventsTest, WhatHadGoneBeforeItsCountWasSeenIsNamed) {
  for (const char* id : {"/a", "/a/b"}) cgroup(id);
  round({"/", "/a", "/a/b"});
  happens("/a/b", 0, 1);
  fs::remove_all(root + "/a/b");
  EXPECT_TRUE(woken());
  begin({"/", "/a"});
  EXPECT_EQ(gone_below("/a"), "/a/b");
}

TEST_F(MemoryEventsTest, WhatWentInTheRoundBeforeIsNamedIfThatWasJustNow) {
  for (const auto later : {500ms, 2000ms}) {
    for (const char* id : {"/a", "/a/b"}) cgroup(id);
    round({"/", "/a", "/a/b"});
    happens("/a/b", 0, 1);
    EXPECT_TRUE(woken());
    fs::remove_all(root + "/a/b");
    round({"/", "/a"});  // "/a" was read before
    now += later;
    begin({"/", "/a"});
    EXPECT_EQ(gone_below("/a"), later < 1s ? "/a/b" : "");
    events.end(now, now);
  }
}

TEST_F(MemoryEventsTest, WhatWasThereAfterItsKillIsNotNamedForAnother) {
  for (const char* id : {"/a", "/a/b"}) cgroup(id);
  round({"/", "/a", "/a/b"});
  happens("/a/b", 0, 1);
  EXPECT_TRUE(woken());
  round({"/", "/a", "/a/b"});
  fs::remove_all(root + "/a/b");
  begin({"/", "/a"});
  EXPECT_EQ(gone_below("/a"), "");
}

TEST_F(MemoryEventsTest, WhatGoesDuringTheRoundIsNamedAndTheRestIsReadAgain) {
  for (const char* id : {"/a", "/a/b"}) cgroup(id);
  round({"/", "/a", "/a/b"});
  begin({"/", "/a", "/a/b"});
  happens("/a/b", 0, 1);
  fs::remove_all(root + "/a/b");
  events.left("/a/b");
  EXPECT_EQ(gone_below("/a"), "/a/b");
  events.end(now, now);
  EXPECT_TRUE(woken());
}

TEST_F(MemoryEventsTest, VersionOneIsNotWatched) {
  cgroup("/a");
  events.begin(files, false);
  events.watch(files, "/a");
  happens("/a", 0, 1);
  EXPECT_FALSE(readable());
}

}  // namespace
}  // namespace vitalsd
