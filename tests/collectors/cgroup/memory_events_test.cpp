// Real inotify over a directory that stands for a cgroup file system of version 2.
#include "collectors/cgroup/memory_events.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "tests/fakes/as_kernel.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
namespace fs = std::filesystem;
using Time = std::chrono::steady_clock::time_point;

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
  /// inotify does not see what is written through a mapping.
  void happens_untold(const std::string& id, int limits, int kills) {
    const std::string next = text(limits, kills);
    const Fd file(::open((root + id + "/memory.events").c_str(), O_RDWR | O_CLOEXEC));
    void* const mapped = ::mmap(nullptr, next.size(), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    ASSERT_NE(mapped, MAP_FAILED);
    std::memcpy(mapped, next.data(), next.size());
    ::munmap(mapped, next.size());
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
  /// All those that are told as killed, without a round.
  void tell(std::initializer_list<std::string_view> ids, std::chrono::nanoseconds took = 0ns) {
    EXPECT_THAT(events.killed(), ElementsAreArray(ids));
    events.killed_end(now, now + took);
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
  now += 12ms;
  EXPECT_TRUE(woken()) << "none did";
  round({"/", "/a"}, 1s);
  happens("/a", 2, 0);
  EXPECT_FALSE(woken());
  now += 18s;
  EXPECT_FALSE(woken()) << "a second of work is worth twenty";
  happens("/a", 3, 1);
  EXPECT_TRUE(woken());
}

TEST_F(MemoryEventsTest, AKillIsSeenBeforeTheKernelTellsOfIt) {
  cgroup("/a");
  round({"/", "/a"});
  happens("/a", 1, 0);
  EXPECT_FALSE(woken());
  now += 12ms;
  EXPECT_TRUE(woken());
  round({"/", "/a"});
  happens("/a", 2, 0);
  EXPECT_FALSE(woken()) << "each limit has its time";
  happens_untold("/a", 2, 1);
  EXPECT_TRUE(woken()) << "a kill often follows a limit, and its event comes late";
  EXPECT_THAT(events.killed(), ElementsAre("/a"));
}

TEST_F(MemoryEventsTest, KillsAreToldBeforeTheRoundAndOnce) {
  for (const char* id : {"/a", "/a/b", "/c"}) cgroup(id);
  round({"/", "/a", "/a/b", "/c"});
  EXPECT_THAT(events.killed(), IsEmpty());
  for (const char* id : {"/a", "/a/b"}) happens(id, 0, 1);
  ASSERT_TRUE(woken());
  tell({"/a", "/a/b"});
  EXPECT_TRUE(woken()) << "the round";
  EXPECT_THAT(events.killed(), IsEmpty());
  round({"/", "/a", "/a/b", "/c"});
  EXPECT_FALSE(readable());
  happens("/c", 0, 1);
  ASSERT_TRUE(woken());
  round({"/", "/a", "/a/b", "/c"});
  EXPECT_THAT(events.killed(), IsEmpty()) << "the round has told it";
}

TEST_F(MemoryEventsTest, WhatHasGoneIsLeftToTheRound) {
  cgroup("/a");
  round({"/", "/a"});
  happens("/a", 0, 1);
  fs::remove_all(root + "/a");
  EXPECT_TRUE(woken());
  EXPECT_THAT(events.killed(), IsEmpty());
}

TEST_F(MemoryEventsTest, KillAfterKillCostsATwentieth) {
  cgroup("/a");
  round({"/", "/a"});
  happens("/a", 0, 1);
  ASSERT_TRUE(woken());
  tell({"/a"}, 1s);
  round({"/", "/a"}, 1s);
  happens("/a", 0, 2);
  now += 17s;
  EXPECT_FALSE(woken());
  now += 1s;
  ASSERT_TRUE(woken()) << "nineteen seconds after the first was told";
  tell({"/a"});
  EXPECT_FALSE(woken()) << "the round waits for as long after the last one";
  now += 1s;
  EXPECT_TRUE(woken()) << "it is asked for again";
}

TEST_F(MemoryEventsTest, ARoundForWhatCouldNotBeToldCostsATwentiethToo) {
  cgroup("/a");
  round({"/", "/a"});
  happens("/a", 0, 1);
  ASSERT_TRUE(woken());
  EXPECT_THAT(events.killed(), ElementsAre("/a"));
  round({"/", "/a"}, 1s);
  happens("/a", 0, 2);
  now += 18s;
  EXPECT_FALSE(woken());
  now += 1s;
  EXPECT_TRUE(woken());
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

TEST_F(MemoryEventsTest, WhatHadGoneBeforeItsLastCountWasSeenIsNamedBeforeWhoReachedALimit) {
  for (const char* id : {"/a", "/a/b", "/a/c"}) cgroup(id);
  round({"/", "/a", "/a/b", "/a/c"});
  for (const char* id : {"/a/b", "/a/c"}) happens(id, 1, 0);
  EXPECT_FALSE(woken());
  happens("/a/b", 1, 1);
  for (const char* id : {"/a/b", "/a/c"}) fs::remove_all(root + id);
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

TEST_F(MemoryEventsTest, WhatIsKilledDuringARoundAndGoesAfterItIsNamed) {
  for (const char* id : {"/a", "/a/b"}) cgroup(id);
  round({"/", "/a", "/a/b"});
  begin({"/", "/a", "/a/b"});
  happens("/a/b", 0, 1);  // after it was read
  EXPECT_TRUE(woken());
  events.end(now, now);
  fs::remove_all(root + "/a/b");
  begin({"/", "/a"});
  EXPECT_EQ(gone_below("/a"), "/a/b");
}

TEST_F(MemoryEventsTest, WhoReachedALimitIsSuspectedForOneRoundMore) {
  for (const int rounds : {1, 2}) {
    for (const char* id : {"/a", "/a/b"}) cgroup(id);
    round({"/", "/a", "/a/b"});
    happens("/a/b", 1, 0);
    EXPECT_FALSE(woken());
    for (int i = 0; i < rounds; ++i) round({"/", "/a", "/a/b"});
    fs::remove_all(root + "/a/b");
    begin({"/", "/a"});
    EXPECT_EQ(gone_below("/a"), rounds == 1 ? "/a/b" : "");
    events.end(now, now);
    round({"/", "/a"});
  }
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

TEST_F(MemoryEventsTest, NeighboursAreNotBelowOurRoot) {
  for (const char* id : {"/a", "/elsewhere"}) cgroup(id);
  const Fd elsewhere(::open((root + "/elsewhere").c_str(), O_PATH | O_CLOEXEC));
  begin({"/", "/a"});
  events.watch_neighbour(elsewhere.get(), "/../n", 0);
  events.end(now, now);
  happens("/elsewhere", 0, 1);
  EXPECT_TRUE(woken());
  EXPECT_THAT(events.killed(), ElementsAre("/../n"));
  begin({"/", "/a"});
  EXPECT_EQ(gone_below("/"), "");
  const auto gone = events.gone_neighbours();
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].id, "/../n");
  EXPECT_EQ(gone[0].kills, 1U);
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
