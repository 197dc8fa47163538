// The reported ends of watched processes: real children that exit, are killed, and are waited for or not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "collectors/process/sources/exit_status.h"
#include "tests/fakes/fake_processes.h"
#include "tests/fakes/live_process.h"

namespace vitalsd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TargetExit : public testing::Test {
 protected:
  // Starts a child that sleeps until it must end as `how` does, and watches it by its pid.
  void start(const std::function<void()>& how) {
    pid_ = ::fork();
    if (pid_ == 0) {
      sigset_t set;
      sigemptyset(&set);
      sigaddset(&set, SIGUSR1);
      ::sigprocmask(SIG_BLOCK, &set, nullptr);
      int signal = 0;
      ::sigwait(&set, &signal);
      how();
      ::_exit(99);
    }
    ASSERT_TRUE(wait_until_asleep(pid_));
    host_.procfs = open_directory("/proc");
    host_.rootfs = open_directory("/");
    host_.units = Units::of_this_machine();
    host_.clock = &clock_;
    collector_ = system_.watch({{{"name", "app"}, {"pid", std::to_string(pid_)}}});
    EXPECT_THAT(run().events, IsEmpty());
  }
  void TearDown() override {
    if (pid_ > 0) ::kill(pid_, SIGKILL), ::waitpid(pid_, nullptr, 0);
  }
  void end(bool reap) {
    ::kill(pid_, SIGUSR1);
    siginfo_t info;
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | (reap ? 0 : WNOWAIT)), 0);
    if (reap) pid_ = 0;
  }
  RunResult run() { return run_collector(*collector_, host_); }

  // Expects the event and the series of the end.
  void expect_end(const std::string& reason) {
    const RunResult last = run();
    EXPECT_THAT(last.events, ElementsAre(RecordedEvent{EventKind::target_ended, "app", reason}));
    EXPECT_THAT(last.text,
                testing::HasSubstr("vitalsd_target_exits_total{target=\"app\",reason=\"" + reason + "\"} 1\n"));
    EXPECT_THAT(run().events, IsEmpty()) << "emitted once";
  }
  // Whether the status stays with the pidfd, as in Linux 6.15 and later.
  static bool kernel_keeps_status() {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(7);
    const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    ::waitpid(child, nullptr, 0);
    return exit_status_of(pidfd) == 7 << 8;
  }

  FakeProcesses system_;
  Host host_;
  Clock clock_;
  std::unique_ptr<Collector> collector_;
  pid_t pid_ = 0;
};

TEST_F(TargetExit, AZombieShowsItsCode) {
  start([] { ::_exit(3); });
  end(false);
  expect_end("exit_3");
}

TEST_F(TargetExit, AZombieShowsSuccess) {
  start([] { ::_exit(0); });
  end(false);
  expect_end("exit_0");
}

TEST_F(TargetExit, AZombieShowsItsSignal) {
  start([] { ::raise(SIGKILL); });
  end(false);
  expect_end("SIGKILL");
}

TEST_F(TargetExit, AReapedProcessShowsItsStatusByPidfd) {
  if (!kernel_keeps_status()) GTEST_SKIP() << "before Linux 6.15 the kernel does not keep the status";
  start([] { ::_exit(4); });
  end(true);
  expect_end("exit_4");
}

TEST_F(TargetExit, WakesTheLoop) {
  start([] { ::_exit(1); });
  pollfd wake{collector_->wake_fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&wake, 1, 0), 0);
  end(false);
  EXPECT_EQ(::poll(&wake, 1, kPatience), 1);
  expect_end("exit_1");
  EXPECT_EQ(::poll(&wake, 1, 0), 0) << "the zombie must not keep the loop busy";
}

TEST_F(TargetExit, OneThatLivesHasNoStatus) {
  start([] {});
  const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  EXPECT_FALSE(exit_status_of(pidfd));
  EXPECT_FALSE(exit_status_of(Fd()));
}

// The cgroup of version 1 that the kernel says our child is in, and what it has counted as the test says.
class TargetKills : public TargetExit {
 protected:
  bool begin(const std::string& control, const std::string& failed) {
    host_.cgroupfs.reset(files);
    start([] { ::raise(SIGKILL); });
    std::string text;
    const auto cgroups = open_directory("/proc/self")->read("cgroup", text);
    const std::size_t at = cgroups ? cgroups->find(":memory:") : std::string::npos;
    if (at == std::string::npos) return false;
    cgroup = std::string(cgroups->substr(at + 8, cgroups->find('\n', at) - at - 8));
    path = "memory" + (cgroup == "/" ? "" : cgroup) + "/";
    counts(control, failed);
    EXPECT_THAT(run().events, IsEmpty());
    return true;
  }
  void counts(const std::string& control, const std::string& failed) const {
    files->file(path + "memory.oom_control", control).file(path + "memory.failcnt", failed);
  }
  std::vector<RecordedEvent> events() {
    end(false);
    return run().events;
  }
  FakeFiles* const files = new FakeFiles;
  std::string cgroup, path;
};

TEST_F(TargetKills, AreForWantOfMemoryWhereItsCgroupHasCountedOne) {
  if (!begin("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n", "5\n")) GTEST_SKIP() << "no version 1";
  counts("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", "5\n");
  const auto emitted = events();
  ASSERT_EQ(emitted.size(), 2U);
  EXPECT_EQ(emitted[0].kind, EventKind::target_ended);
  EXPECT_EQ(emitted[1].kind, EventKind::oom_kill);
  EXPECT_EQ(emitted[1].entity, cgroup);
  EXPECT_THAT(emitted[1].detail, testing::StartsWith("target app (pid " + std::to_string(pid_) + ", "));
  EXPECT_THAT(emitted[1].detail, testing::EndsWith(" bytes resident) killed: out of memory"));
}

TEST_F(TargetKills, BySomebodyElseAreEndsAlone) {
  if (!begin("under_oom 0\noom_kill 1\n", "5\n")) GTEST_SKIP() << "no version 1";
  counts("under_oom 0\noom_kill 1\n", "6\n");  // the limit was reached, and nobody was killed for it
  EXPECT_THAT(events(), ElementsAre(RecordedEvent{EventKind::target_ended, "app", "SIGKILL"}));
}

TEST_F(TargetKills, OfOldKernelsAreToldByTheLimit) {
  if (!begin("oom_kill_disable 0\nunder_oom 0\n", "5\n")) GTEST_SKIP() << "no version 1";
  counts("oom_kill_disable 0\nunder_oom 0\n", "6\n");
  EXPECT_EQ(events().size(), 2U);
}

TEST_F(TargetKills, OfACgroupThatHasGoneAreEndsAlone) {
  if (!begin("oom_kill 1\n", "5\n")) GTEST_SKIP() << "no version 1";
  files->remove("memory");
  EXPECT_EQ(events().size(), 1U);
}

}  // namespace
}  // namespace vitalsd
