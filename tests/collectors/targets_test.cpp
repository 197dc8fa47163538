// The life of targets over made-up processes: found, lost, mistaken for none other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fakes/fake_processes.h"

namespace vitalsd {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class Targets : public testing::Test {
 protected:
  RunResult run() {
    system_.procfs->forget_reads();
    RunResult result = run_collector(*collector_, system_.host);
    EXPECT_TRUE(result.result) << describe(result.result.error());
    return result;
  }
  void watch(const std::string& field, const std::string& value) {
    collector_ = system_.watch({{{"name", "t"}, {field, value}}});
  }
  /// Only up, matches and restarts: nothing of a process that is not there.
  static void expect_absent(const RunResult& run, const std::string& restarts = "0") {
    EXPECT_EQ(of_target(run, "up"), "0");
    EXPECT_EQ(of_target(run, "matches"), "0");
    EXPECT_EQ(of_target(run, "restarts_total"), restarts);
    EXPECT_EQ(std::ranges::count(run.text, '\n'), 9) << run.text;  // three families of HELP, TYPE and one sample
  }
  bool walked() const { return std::ranges::count(system_.procfs->reads(), "") != 0; }

  FakeProcesses system_;
  std::unique_ptr<Collector> collector_;
};

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

TEST_F(Targets, PidNeedsNoWalkAndAFoundTargetNone) {
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
  system_.start({.pid = 30, .start = 900, .ppid = 100});  // older than its parent: clocks of containers, say
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

// ---- pid files

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

TEST_F(PidFileTargets, AStrangerUnderThePidOfALongGoneProcessIsNotIt) {
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
  system_.rootfs->file("run/app.pid", "43");  // the old one is still draining
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "pid"), "43");
  EXPECT_EQ(of_target(run, "restarts_total"), "1");
}

TEST_F(PidFileTargets, AKnownProcessOutlivesItsFile) {
  run();
  system_.rootfs->file("run/app.pid", "");  // being rewritten
  EXPECT_EQ(of_target(run(), "pid"), "42");
  system_.rootfs->file("run/app.pid", "4711\n");  // of nobody
  EXPECT_EQ(of_target(run(), "pid"), "42");
  system_.rootfs->remove("run/app.pid");
  EXPECT_EQ(of_target(run(), "pid"), "42");
  system_.end(42);
  expect_absent(run());
}

TEST_F(PidFileTargets, WhatIsNoPidFileIsToldSo) {
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

// ---- ends

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

// Whichever file it is between whose reading and the next the process ends, nothing of it is told.
TEST_F(Targets, WhatVanishesBetweenTwoReadsIsNotHalfTold) {
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

// The pid changes hands right after this file was read: no text of one counts for the other.
TEST_F(Targets, APidThatChangesHandsDuringTheWalkIsNobody) {
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

// ---- what is denied

TEST_F(Targets, WhatIsDeniedIsAbsentAndNamed) {
  system_.start({.pid = 42});
  system_.procfs->error("42/io", EACCES).error("42/exe", EACCES).error("42/cwd", EPERM).error("42/fd", EACCES);
  watch("pid", "42");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "1");
  for (const char* name : {"read_bytes_total", "write_bytes_total", "syscall_read_bytes_total", "open_fds"}) {
    EXPECT_EQ(of_target(run, name), "-") << name;
  }
  EXPECT_THAT(run.text, HasSubstr(R"(exe="",cwd="",user="www",command="/opt/app --flag"})"));
  for (const std::string field : {"io", "exe", "cwd", "open_fds"}) {
    EXPECT_EQ(of_target(run, "unreadable", ",field=\"" + field + "\",reason=\"denied\""), "1") << field;
  }
  EXPECT_EQ(run.faults.size(), 4U);
  system_.procfs->heal("42/io").heal("42/exe").heal("42/cwd").heal("42/fd");
  const RunResult healed = this->run();
  EXPECT_EQ(of_target(healed, "read_bytes_total"), "23");
  EXPECT_THAT(healed.text, Not(HasSubstr("unreadable")));
}

TEST_F(Targets, WhatThisKernelLacksIsAbsentWithoutAWord) {
  system_.start({.pid = 42});
  system_.procfs->remove("42/schedstat").remove("42/io").remove("42/oom_score").remove("42/exe");
  watch("pid", "42");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "1");
  EXPECT_EQ(of_target(run, "run_delay_seconds_total"), "-");
  EXPECT_TRUE(run.faults.empty());
  EXPECT_THAT(run.text, Not(HasSubstr("unreadable")));
  system_.procfs->file("42/schedstat", "0 0 0\n");  // a kernel that does not count
  EXPECT_EQ(of_target(this->run(), "run_delay_seconds_total"), "-");
}

TEST_F(Targets, OneMalformedFileCostsItsFieldsAlone) {
  system_.start({.pid = 42});
  system_.procfs->file("42/io", "nonsense\n");
  watch("pid", "42");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "threads"), "1");
  EXPECT_EQ(of_target(run, "read_bytes_total"), "-");
  EXPECT_EQ(of_target(run, "unreadable", R"(,field="io",reason="malformed")"), "1");
}

TEST_F(Targets, WhereNobodyMayLookNothingIsClaimed) {
  system_.start({.pid = 42});
  system_.procfs->error("42/stat", EPERM);
  watch("pid", "42");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "-");
  EXPECT_EQ(of_target(run, "unreadable", R"(,field="stat",reason="denied")"), "1");
  system_.procfs->heal("42/stat");
  EXPECT_EQ(of_target(this->run(), "up"), "1");
}

TEST_F(Targets, ANotFoundExecutableMayHaveBeenDenied) {
  system_.start({.pid = 42, .comm = "other"});
  system_.procfs->error("42/exe", EACCES);
  watch("exe", "/opt/app");
  const RunResult run = this->run();
  EXPECT_EQ(of_target(run, "up"), "0");
  EXPECT_EQ(of_target(run, "unreadable", R"(,field="exe",reason="denied")"), "1");
}

TEST_F(Targets, AnUnknownUserIsANumber) {
  system_.start({.pid = 42});
  system_.rootfs->remove("etc/passwd");
  watch("pid", "42");
  EXPECT_THAT(run().text, HasSubstr(R"(user="33")"));
}

TEST_F(Targets, WithoutAProcfsNothingIsClaimed) {
  system_.procfs->remove("stat");
  for (const auto& [field, value] : {std::pair{"pid", "42"}, std::pair{"comm", "app"}}) {
    watch(field, value);
    const RunResult run = run_collector(*collector_, system_.host);
    ASSERT_FALSE(run.result) << field;
    EXPECT_EQ(run.result.error().code, Errc::unavailable) << field;
  }
}

TEST_F(Targets, AWalkStopsWhenToldTo) {
  system_.start({.pid = 42});
  watch("comm", "app");
  std::stop_source stop;
  stop.request_stop();
  Block block;
  BlockSink sink(block);
  RecordingFaults faults;
  std::string buffer;
  CollectContext context{system_.host, stop.get_token(), {}, buffer, faults};
  const auto result = collector_->collect(context, sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::timed_out);
}

}  // namespace
}  // namespace vitalsd
