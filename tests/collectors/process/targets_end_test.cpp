// Ends of targets, even in the middle of a round: nothing of another process is published as theirs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/fakes/targets_fixture.h"

namespace vitalsd {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(Targets, AZombieIsDeadButThere) {
  system_.start({.pid = 42});
  watch("comm", "app");
  run();
  system_.stat({.pid = 42, .state = 'Z'});
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "0");
  EXPECT_EQ(of_target(run, "matches"), "0");
  EXPECT_EQ(of_target(run, "state", R"(,state="zombie")"), "1");
  EXPECT_EQ(of_target(run, "pid"), "42");
  EXPECT_EQ(of_target(run, "start_time_seconds"), "1699000010");
  EXPECT_THAT(run.text, Not(HasSubstr("vitalsd_target_threads")));
  EXPECT_THAT(run.text, Not(HasSubstr("vitalsd_target_info")));
  system_.start({.pid = 43, .start = 2000});
  const RunResult next = this->run();
  EXPECT_EQ(of_target(next, "pid"), "43");
  EXPECT_EQ(of_target(next, "restarts_total"), "1");
}

TEST_F(Targets, AProcessWhoseFirstThreadEndedLives) {
  system_.start({.pid = 42, .state = 'Z', .threads = 2});
  watch("comm", "app");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "1");
  EXPECT_EQ(of_target(run, "threads"), "2");
}

// Whichever two reads the process ends between, nothing of it is published.
TEST_F(Targets, AVanishingProcessIsNotHalfPublished) {
  system_.start({.pid = 42});
  watch("pid", "42");
  run();
  run();
  const std::vector<std::string> warm = system_.procfs->reads();
  ASSERT_GT(warm.size(), 10U);
  for (std::size_t fatal = 0; fatal < warm.size(); ++fatal) {
    for (const bool reused : {false, true}) {
      FakeProcesses system;
      system.start({.pid = 42, .start = 1000});
      const auto collector = system.watch({{{"name", "t"}, {"pid", "42"}}});
      run_collector(*collector, system.host);
      std::size_t accesses = 0;
      system.procfs->on_access([&](const std::string&) {
        if (accesses++ != fatal) return;
        system.end(42);
        if (reused) system.start({.pid = 42, .start = 7777, .comm = "stranger"});
      });
      const RunResult run = run_collector(*collector, system.host);
      ASSERT_TRUE(run.result);
      EXPECT_GT(accesses, fatal);
      expect_absent(run);
    }
  }
}

// The pid is reused right after this file was read. No text of one process may count for the other.
TEST_F(Targets, APidReusedDuringTheWalkMatchesNothing) {
  struct Case {
    const char *file, *before, *after;
  };
  for (const Case& each : {Case{"42/stat", "stranger", "app"}, Case{"42/cmdline", "app", "stranger"}}) {
    FakeProcesses system;
    system.start({.pid = 42, .start = 1000, .comm = each.before});
    const auto collector = system.watch({{{"name", "t"}, {"cmdline", "/opt/app"}}});
    bool was_read = false, changed = false;
    system.procfs->on_access([&](const std::string& path) {
      if (was_read && !std::exchange(changed, true)) system.start({.pid = 42, .start = 2000, .comm = each.after});
      was_read |= path == each.file;
    });
    const RunResult run = run_collector(*collector, system.host);
    EXPECT_TRUE(changed);
    expect_absent(run);
  }
}

}  // namespace
}  // namespace vitalsd
