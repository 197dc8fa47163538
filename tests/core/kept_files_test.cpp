// One budget of kept descriptors for all sources: which are closed first, which stay, and what a warm round opens.
#include "core/kept_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "core/files.h"

namespace vitalsd {
namespace {

Fd some_file() { return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }
bool is_kept(KeptFiles& files, const char* path) { return static_cast<bool>(files.use(path)); }

TEST(KeptFiles, TheLeastRecentlyUsedIsClosedFirst) {
  KeptBudget budget(3, {});
  KeptFiles one(budget), other(budget);
  one.keep("a", some_file());
  one.keep("b", some_file());
  other.keep("c", some_file());
  EXPECT_TRUE(is_kept(one, "a"));
  other.keep("d", some_file());
  EXPECT_FALSE(is_kept(one, "b"));
  EXPECT_TRUE(is_kept(one, "a"));
  EXPECT_TRUE(is_kept(other, "c"));
  EXPECT_TRUE(is_kept(other, "d"));
  EXPECT_EQ(budget.size(), 3U);
}

TEST(KeptFiles, OfMoreFilesThanPlacesSomeStayOpen) {
  KeptBudget budget(2, std::chrono::hours(1));
  KeptFiles files(budget);
  for (int round = 0; round < 3; ++round) {
    for (const char* path : {"a", "b", "c", "d"}) {
      if (is_kept(files, path)) continue;
      EXPECT_TRUE(files.keep(path, some_file())) << "read all the same";
    }
  }
  EXPECT_TRUE(is_kept(files, "a"));
  EXPECT_TRUE(is_kept(files, "b"));
  EXPECT_FALSE(is_kept(files, "c"));
}

TEST(KeptFiles, WhatIsForgottenGoesAsOthersAreOpened) {
  KeptBudget budget(10, std::chrono::hours(1), {});
  KeptFiles files(budget);
  for (const char* path : {"a", "b", "c"}) files.keep(path, some_file());
  EXPECT_FALSE(is_kept(files, "a"));
  EXPECT_TRUE(is_kept(files, "c"));
  EXPECT_EQ(budget.size(), 1U);
}

TEST(KeptFiles, WhatIsBeingReadIsNotClosed) {
  KeptBudget budget(1, {});
  KeptFiles one(budget), other(budget);
  const auto reading = one.keep("a", some_file());
  {
    const auto unkept = other.keep("b", some_file());
    EXPECT_TRUE(is_open(unkept.fd()));
  }
  EXPECT_FALSE(is_kept(other, "b"));
  budget.set_limit(0);
  EXPECT_EQ(budget.give_back(5), 0U);
  EXPECT_TRUE(is_open(reading.fd()));
}

TEST(KeptFiles, GiveBackWhatTheProcessNeeds) {
  KeptBudget budget(8, {});
  KeptFiles files(budget);
  for (const char* path : {"a", "b", "c"}) files.keep(path, some_file());
  EXPECT_EQ(budget.give_back(2), 2U);
  EXPECT_FALSE(is_kept(files, "a"));
  EXPECT_TRUE(is_kept(files, "c"));
  budget.set_limit(0);
  EXPECT_EQ(budget.size(), 0U);
}

TEST(KeptFiles, CloseWhatIsDroppedOrWhoseSourceEnds) {
  KeptBudget budget(8, {});
  int fd = -1;
  {
    KeptFiles files(budget);
    auto dropped = files.keep("a", some_file());
    dropped.drop();
    EXPECT_FALSE(is_kept(files, "a"));
    fd = files.keep("b", some_file()).fd();
    EXPECT_TRUE(is_open(fd));
  }
  EXPECT_EQ(budget.size(), 0U);
}

TEST(KeptFiles, LeaveDescriptorsForTheRest) {
  for (const std::size_t all : {0U, 20U, 64U, 80U, 96U, 256U, 1024U, 4096U, 16384U, 1U << 20U}) {
    const std::size_t kept = KeptBudget::limit_for(all) + KeptBudget::processes_for(all);
    EXPECT_LE(kept, all) << all;
    if (all < 256) continue;
    EXPECT_GE(all - kept, all >= 16384 ? 2048U : all / 4) << all;
  }
  EXPECT_GE(KeptBudget::limit_for(8192), 2000U);
}

TEST(KeptFiles, SourcesOnManyThreadsShareAFewPlaces) {
  KeptBudget budget(5, {});
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&budget] {
      KeptFiles files(budget);
      for (int round = 0; round < 300; ++round) {
        const std::string path = std::to_string(round % 4);
        if (auto used = files.use(path)) {
          EXPECT_TRUE(is_open(used.fd()));
          if (round % 7 == 0) used.drop();
        } else {
          EXPECT_TRUE(is_open(files.keep(path, some_file()).fd()));
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(budget.size(), 0U);
}

// A source used to close all its descriptors when it had 64.
TEST(KeptFiles, AWarmRoundOverManyFilesOpensNothing) {
  KeptBudget& budget = KeptBudget::of_process();
  const std::size_t before = budget.limit();
  budget.set_limit(400);
  OpenRule rule;
  const auto proc = open_directory("/proc/self", Resolve::as_is, &rule);
  std::vector<std::string> paths(300, "stat");  // one file under several names
  for (std::size_t i = 0; i < paths.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) paths[i].insert(0, "./");
  }
  std::string buffer;
  for (const auto& path : paths) ASSERT_TRUE(proc->read(path, buffer, Keep::yes)) << path;
  EXPECT_TRUE(rule.opened);
  rule = {.kept_only = true};
  for (const auto& path : paths) ASSERT_TRUE(proc->read(path, buffer, Keep::yes)) << path;
  EXPECT_FALSE(rule.opened);
  budget.set_limit(before);
}

}  // namespace
}  // namespace vitalsd
