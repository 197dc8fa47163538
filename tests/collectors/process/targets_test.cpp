// The life of targets over made-up processes: found, lost, and never confused with others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/targets_fixture.h"

namespace vitalsd {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(Targets, NothingWatchedCostsNothing) {
  collector_ = system_.watch({});
  EXPECT_EQ(run().text, "");
  EXPECT_TRUE(system_.procfs->reads().empty());
  EXPECT_EQ(collector_->wake_fd(), -1);
}

TEST_F(Targets, EveryValueIsThatOfItsFile) {
  system_.start({.pid = 42, .start = 12345, .comm = "app", .ppid = 7, .threads = 3});
  watch("pid", "42");
  const RunResult run = this->run();
  struct Case {
    const char *name, *more, *value;
  };
  const Case cases[] = {
      {"up", "", "1"},
      {"matches", "", "1"},
      {"restarts_total", "", "0"},
      {"pid", "", "42"},
      {"start_time_seconds", "", "1699000123.45"},
      {"info", R"(,pid="42",ppid="7",exe="/opt/app",cwd="/srv",user="www",command="/opt/app --flag")", "1"},
      {"state", R"(,state="sleeping")", "1"},
      {"cpu_seconds_total", R"(,mode="user")", "2.5"},
      {"cpu_seconds_total", R"(,mode="system")", "0.75"},
      {"run_delay_seconds_total", "", "1.5"},
      {"resident_bytes", R"(,type="anonymous")", "10240"},
      {"resident_bytes", R"(,type="file")", "11264"},
      {"resident_bytes", R"(,type="shared")", "12288"},
      {"resident_peak_bytes", "", "30720"},
      {"virtual_bytes", "", "409600"},
      {"swap_bytes", "", "14336"},
      {"data_bytes", "", "13312"},
      {"open_fds", "", "3"},
      {"max_fds", "", "1024"},
      {"threads", "", "3"},
      {"context_switches_total", R"(,type="voluntary")", "15"},
      {"context_switches_total", R"(,type="nonvoluntary")", "16"},
      {"page_faults_total", R"(,type="minor")", "31"},
      {"page_faults_total", R"(,type="major")", "32"},
      {"read_bytes_total", "", "23"},
      {"write_bytes_total", "", "24"},
      {"syscall_read_bytes_total", "", "21"},
      {"syscall_write_bytes_total", "", "22"},
      {"oom_score", "", "666"},
      {"oom_score_adj", "", "-5"},
  };
  for (const Case& each : cases) EXPECT_EQ(of_target(run, each.name, each.more), each.value) << each.name << each.more;
  std::size_t samples = 0;
  for (std::size_t at = 0; (at = run.text.find("\nvitalsd_target_", at)) != std::string::npos; ++at) ++samples;
  EXPECT_EQ(samples, std::size(cases)) << run.text;
  EXPECT_TRUE(run.faults.empty());
}

TEST_F(Targets, EachSelectorFindsItsProcess) {
  system_.start({.pid = 42, .comm = "other"});
  system_.start({.pid = 43, .comm = "app"});
  system_.rootfs->file("run/app.pid", "43\n");
  const std::string id(64, 'a');
  system_.procfs->file("43/cgroup", "1:name=systemd:/docker/" + id + "\n0::/system.slice/app.service\n");
  for (const auto& [field, value] :
       std::vector<std::pair<std::string, std::string>>{{"pid", "43"},
                                                        {"pidfile", "/run/app.pid"},
                                                        {"comm", "app"},
                                                        {"exe", "/opt/app"},
                                                        {"exe", "app"},
                                                        {"cmdline", "^/opt/app --"},
                                                        {"cgroup", "/docker"},
                                                        {"cgroup", "/system.slice/app.service"},
                                                        {"unit", "app"},
                                                        {"container", id},
                                                        {"container", "aaaaaaaaaaaa"}}) {
    watch(field, value);
    const RunResult run = this->run();
    EXPECT_EQ(of_target(run, "pid"), "43") << field;
    EXPECT_EQ(of_target(run, "matches"), "1") << field;
  }
}

TEST_F(Targets, ExecutableMayBeReplacedOnDisk) {
  system_.start({.pid = 43});
  system_.procfs->symlink("43/exe", "/opt/app (deleted)");
  watch("exe", "/opt/app");
  EXPECT_THAT(run().text, HasSubstr(R"(exe="/opt/app",)"));
}

TEST_F(Targets, PidsAndFoundTargetsNeedNoWalk) {
  system_.start({.pid = 42});
  watch("pid", "42");
  run();
  EXPECT_FALSE(walked());
  watch("comm", "app");
  run();
  EXPECT_TRUE(walked());
  for (int round = 0; round < 11; ++round) {
    system_.clock.advance(std::chrono::seconds(5));
    run();
    EXPECT_FALSE(walked()) << round;
  }
  system_.start({.pid = 50, .start = 2000});
  system_.clock.advance(std::chrono::seconds(5));
  const RunResult minute = run();
  EXPECT_TRUE(walked());
  EXPECT_EQ(of_target(minute, "matches"), "2");
  EXPECT_EQ(of_target(minute, "pid"), "42");
}

TEST_F(Targets, IsTheOldestWithoutAFittingParent) {
  system_.start({.pid = 30,
                 .start = 900,
                 .ppid = 100});  // it may be older than its parent, for example in containers with other clocks
  system_.start({.pid = 100, .start = 1000, .ppid = 1});  // the main process
  system_.start({.pid = 101, .start = 1001, .ppid = 100});
  system_.start({.pid = 99, .start = 3000, .ppid = 1});  // a second instance
  watch("comm", "app");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "pid"), "100");
  EXPECT_EQ(of_target(run, "matches"), "4");
}

TEST_F(Targets, APatternDoesNotFindTheDaemonItself) {
  system_.start({.pid = 42, .comm = "vitalsd"});
  system_.procfs->symlink("self", "42");
  watch("cmdline", "/opt");
  expect_absent(run());
  watch("comm", "vitalsd");
  EXPECT_EQ(of_target(run(), "pid"), "42");
}

TEST_F(Targets, RestartsAreCountedOnceEach) {
  watch("comm", "app");
  expect_absent(run());
  system_.start({.pid = 42, .start = 1000});
  EXPECT_EQ(of_target(run(), "restarts_total"), "0");
  system_.end(42);
  expect_absent(run());
  system_.start({.pid = 43, .start = 2000});
  EXPECT_EQ(of_target(run(), "restarts_total"), "1");
  EXPECT_EQ(of_target(run(), "restarts_total"), "1");
  system_.end(43);
  system_.start({.pid = 43, .start = 3000});  // the same pid again, between two rounds
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "restarts_total"), "2");
  EXPECT_EQ(of_target(run, "start_time_seconds"), "1699000030");
}

TEST_F(Targets, AnotherProcessWithThePidIsAnother) {
  system_.start({.pid = 42, .start = 1000});
  watch("pid", "42");
  EXPECT_EQ(of_target(run(), "up"), "1");
  system_.start({.pid = 42, .start = 5000, .comm = "stranger"});
  expect_absent(run());
  expect_absent(run());
}

TEST_F(Targets, TheIdOfAThreadIsNoProcess) {
  system_.start({.pid = 43, .tgid = 42});
  watch("pid", "43");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "0");
  EXPECT_EQ(of_target(run, "pid"), "-");
  EXPECT_EQ(of_target(run, "unreadable", R"(,field="pid",reason="thread_id")"), "1");
}

TEST_F(Targets, AComprehensivelyHostileNameIsANameStill) {
  using namespace std::string_literals;
  for (const std::string& comm : {") S 1"s, "a) Z 9\n"s, "x\ny"s, "\xff\xfe("s, "\"\\"s}) {
    FakeProcesses system;
    system.start({.pid = 42, .comm = comm, .ppid = 7});
    collector_ = system.watch({{{"name", "t"}, {"comm", comm}}});
    const RunResult run = run_collector(*collector_, system.host);
    EXPECT_EQ(of_target(run, "up"), "1") << comm;
    EXPECT_EQ(of_target(run, "state", R"(,state="sleeping")"), "1") << comm;
    EXPECT_THAT(run.text, HasSubstr(R"(pid="42",ppid="7",)")) << comm;
  }
}

TEST_F(Targets, CommandIsCutBetweenCharacters) {
  system_.start({.pid = 42});
  watch("pid", "42");
  const auto command = [&](std::string content) {
    system_.procfs->file("42/cmdline", std::move(content));
    const std::string text = run().text;
    const std::size_t begin = text.find("command=\"") + 9;
    return text.substr(begin, text.find("\"}", begin) - begin);
  };
  EXPECT_EQ(command(std::string(255, 'a') + "\xc3\xa9" + std::string(5000, 'b')), std::string(255, 'a'));
  EXPECT_EQ(command(std::string(254, 'a') + "\xc3\xa9" + "b"), std::string(254, 'a') + "\xc3\xa9");
  EXPECT_EQ(command(std::string(256, 'a')), std::string(256, 'a'));
  EXPECT_EQ(command(std::string("a\0\0b\0\0\0", 7)), "a  b");
  EXPECT_EQ(command(""), "");
}

TEST_F(Targets, WhatADeadProcessDeniedIsNotSaid) {
  system_.start({.pid = 42});
  system_.procfs->error("42/io", EACCES);
  watch("pid", "42");
  run();
  system_.procfs->on_access([this](const std::string& path) {
    if (path == "42/cwd") system_.end(42);
  });
  EXPECT_THAT(run().text, Not(HasSubstr("unreadable")));
}

}  // namespace
}  // namespace vitalsd
