// Targets that are named by a pid file, which may be wrong.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "tests/fakes/targets_fixture.h"

namespace vitalsd {
namespace {

class PidFileTargets : public Targets {
 protected:
  void SetUp() override {
    system_.start({.pid = 42, .start = 1000});
    system_.rootfs->file("run/app.pid", "42\n");
    watch("pidfile", "/run/app.pid");
  }
  static std::chrono::system_clock::time_point at(long seconds) {
    return std::chrono::system_clock::time_point(std::chrono::seconds(seconds));
  }
};

TEST_F(PidFileTargets, OlderThanItsProcessIsALie) {
  const long started = FakeProcesses::kBoot + 10;
  system_.rootfs->touch("run/app.pid", at(started - 6));
  const RunResult lie = run();
  EXPECT_EQ(of_target(lie, "up"), "0");
  EXPECT_EQ(of_target(lie, "pid"), "-");
  EXPECT_EQ(of_target(lie, "unreadable", R"(,field="pidfile",reason="stale_pidfile")"), "1");
  ASSERT_EQ(lie.faults.size(), 1U);
  EXPECT_EQ(lie.faults[0].field, "pidfile");
  system_.rootfs->touch("run/app.pid", at(started - 4));  // clocks are not exact
  EXPECT_EQ(of_target(run(), "up"), "1");
}

TEST_F(PidFileTargets, AStrangerWithTheOldPidIsRefused) {
  system_.rootfs->touch("run/app.pid", at(FakeProcesses::kBoot + 11));
  EXPECT_EQ(of_target(run(), "up"), "1");
  system_.start({.pid = 42, .start = 900'000, .comm = "stranger"});
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "0");
  EXPECT_EQ(of_target(run, "pid"), "-");
  EXPECT_EQ(of_target(run, "restarts_total"), "0");
}

TEST_F(PidFileTargets, FollowsItsFile) {
  run();
  system_.start({.pid = 43, .start = 2000});
  system_.rootfs->file("run/app.pid", "43");  // the old process still finishes its work
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "pid"), "43");
  EXPECT_EQ(of_target(run, "restarts_total"), "1");
}

TEST_F(PidFileTargets, AKnownProcessOutlivesItsFile) {
  run();
  system_.rootfs->file("run/app.pid", "");  // it is being rewritten
  EXPECT_EQ(of_target(run(), "pid"), "42");
  system_.rootfs->file("run/app.pid", "4711\n");  // no process has this pid
  EXPECT_EQ(of_target(run(), "pid"), "42");
  system_.rootfs->remove("run/app.pid");
  EXPECT_EQ(of_target(run(), "pid"), "42");
  system_.end(42);
  expect_absent(run());
}

TEST_F(PidFileTargets, WhatIsNoPidFileIsReported) {
  for (const char* content : {"", "nonsense", "42 43", "-42", "0"}) {
    watch("pidfile", "/run/app.pid");
    system_.rootfs->file("run/app.pid", content);
    const RunResult run = this->run();
    EXPECT_EQ(of_target(run, "up"), "0") << content;
    EXPECT_EQ(of_target(run, "unreadable", R"(,field="pidfile",reason="malformed")"), "1") << content;
  }
  system_.rootfs->error("run/app.pid", EACCES);
  EXPECT_EQ(of_target(run(), "unreadable", R"(,field="pidfile",reason="denied")"), "1");
  system_.rootfs->error("run/app.pid", ENOENT);
  expect_absent(run());
}

// Whoever may write there may replace it by a FIFO. If the collector waits for its writer, SIGALRM ends the test.
TEST_F(PidFileTargets, AFifoIsRefusedWithoutWaiting) {
  std::string root = testing::TempDir() + "pidfileXXXXXX";
  ASSERT_NE(::mkdtemp(root.data()), nullptr);
  std::filesystem::create_directory(root + "/run");
  ASSERT_EQ(::mkfifo((root + "/run/app.pid").c_str(), 0600), 0);
  system_.host.rootfs = open_directory(root, Resolve::in_root);
  ::alarm(20);
  EXPECT_EQ(of_target(run(), "unreadable", R"(,field="pidfile",reason="malformed")"), "1");
  ::alarm(0);
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace vitalsd
