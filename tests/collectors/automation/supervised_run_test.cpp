// Programs that do what no program should, run for real: each is ended, and nothing of it is left.
#include "collectors/automation/supervised_run.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/fakes/in_child.h"

namespace vitalsd {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// An argument that no other process has, by which those that we start are found again.
const std::string kMark = "7" + std::to_string(::getpid()) + "00000";
const std::string kSleep = "sleep " + kMark;

CommandSpec shell(std::string script) {
  CommandSpec spec;
  spec.name = "test";
  spec.arguments = {"/bin/sh", "-c", std::move(script)};
  spec.environment = {"PATH=/usr/bin:/bin"};
  return spec;
}

RunOutcome run(const CommandSpec& spec) {
  const Launch launch(spec);
  auto started = SupervisedRun::start(spec, launch);
  if (!started) return {};
  pollfd polled{.fd = (*started)->fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&polled, 1, 60'000), 1);
  EXPECT_TRUE((*started)->is_over());
  return (*started)->finish();
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Whether a process has this argument.
bool is_alive(std::string_view argument) {
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator("/proc", gone)) {
    const std::string nul(1, '\0'), line = nul + contents(entry.path() / "cmdline");
    if (line.find(nul + std::string(argument) + nul) != std::string::npos) return true;
  }
  return false;
}

std::string children() {
  std::string all;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) all += contents(task.path() / "children");
  return all;
}

std::size_t descriptors() {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 3000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
  return condition();
}

TEST(SupervisedRun, GivesOutputAndExitCode) {
  const RunOutcome outcome = run(shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(outcome.ended);
  EXPECT_TRUE(WIFEXITED(outcome.status));
  EXPECT_EQ(WEXITSTATUS(outcome.status), 3);
  EXPECT_EQ(outcome.output, "out\n");
  EXPECT_EQ(outcome.errors, "err\n");
  EXPECT_FALSE(outcome.timed_out || outcome.too_much || outcome.canceled || outcome.escaped);
  EXPECT_EQ(outcome.left, 0U);
  EXPECT_GT(outcome.duration, 0ns);
}

TEST(SupervisedRun, InheritsThreeDescriptorsAlone) {
  const Fd leak(::open("/dev/zero", O_RDONLY));
  const Fd high(::fcntl(leak.get(), F_DUPFD, 200));
  CommandSpec spec = shell("");
  spec.arguments = {"/bin/ls", "/proc/self/fd"};
  EXPECT_EQ(run(spec).output, "0\n1\n2\n3\n") << "3 is the directory itself";
  EXPECT_EQ(run(shell("readlink /proc/self/fd/0")).output, "/dev/null\n");
}

TEST(SupervisedRun, TheEnvironmentIsWhatWasNamed) {
  ::setenv("VITALSD_TEST_LEAK", "1", 1);
  CommandSpec spec = shell("");
  spec.arguments = {"/usr/bin/env"};
  spec.environment = {"A=b c"};
  EXPECT_EQ(run(spec).output, "A=b c\n");
  ::unsetenv("VITALSD_TEST_LEAK");
}

TEST(SupervisedRun, SignalsAreAsInAnyProgram) {
  CommandSpec spec = shell("");
  spec.arguments = {"/bin/cat", "/proc/self/status"};
  const std::string status = run(spec).output;
  for (const char* set : {"SigBlk:", "SigIgn:", "SigCgt:"}) {
    EXPECT_NE(status.find(std::string(set) + "\t0000000000000000\n"), std::string::npos) << status;
  }
}

TEST(SupervisedRun, LimitsMaskAndPriorityAreSet) {
  CommandSpec spec = shell("ulimit -n; ulimit -c; umask; nice; pwd");
  spec.limits = {{RLIMIT_NOFILE, 50}, {RLIMIT_CORE, 0}};
  spec.umask = 027;
  spec.nice = 7;
  spec.directory = "/proc";
  EXPECT_EQ(run(spec).output, "50\n0\n0027\n7\n/proc\n");
}

TEST(SupervisedRun, BecomesAnotherUserWithoutGroups) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become another user";
  CommandSpec spec = shell("id -u; id -G; grep CapEff /proc/self/status");
  spec.user = CommandUser{65534, 65533};
  EXPECT_EQ(run(spec).output, "65534\n65533\nCapEff:\t0000000000000000\n");
}

TEST(SupervisedRun, TellsWhichStepFailed) {
  CommandSpec spec = shell("");
  spec.arguments = {"/nowhere"};
  RunOutcome outcome = run(spec);
  EXPECT_FALSE(outcome.ended);
  EXPECT_EQ(outcome.step, "execute");
  EXPECT_EQ(outcome.error, ENOENT);
  spec = shell("");
  spec.directory = "/nowhere";
  outcome = run(spec);
  EXPECT_EQ(outcome.step, "directory");
  EXPECT_EQ(outcome.error, ENOENT);
  spec.arguments = {"/etc/passwd"};
  spec.directory = "/";
  EXPECT_EQ(run(spec).error, EACCES);
}

TEST(SupervisedRun, TellsWhichSignalEndedIt) {
  const RunOutcome outcome = run(shell("kill -SEGV $$"));
  ASSERT_TRUE(outcome.ended);
  EXPECT_TRUE(WIFSIGNALED(outcome.status));
  EXPECT_EQ(WTERMSIG(outcome.status), SIGSEGV);
}

TEST(SupervisedRun, AHangingProgramIsAskedToEnd) {
  CommandSpec spec = shell("trap 'echo asked; exit 4' TERM; while :; do sleep 0.01; done");
  spec.timeout = 300ms;
  spec.grace = 60s;
  const RunOutcome outcome = run(spec);
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_EQ(outcome.output, "asked\n");
  EXPECT_EQ(WEXITSTATUS(outcome.status), 4);
}

TEST(SupervisedRun, OneThatDoesNotListenIsKilled) {
  CommandSpec spec = shell("trap '' TERM; while :; do sleep 0.01; done");
  spec.timeout = 50ms;
  spec.grace = 20ms;
  const RunOutcome outcome = run(spec);
  EXPECT_TRUE(outcome.timed_out);
  ASSERT_TRUE(WIFSIGNALED(outcome.status));
  EXPECT_EQ(WTERMSIG(outcome.status), SIGKILL);
}

TEST(SupervisedRun, OneWhoseSupervisorWasStoppedEndsOnceItIsResumed) {
  CommandSpec spec = shell("kill -STOP $PPID; sleep 60");
  spec.timeout = 100ms;
  spec.grace = 20ms;
  const Launch launch(spec);
  auto started = SupervisedRun::start(spec, launch);
  ASSERT_TRUE(started);
  std::this_thread::sleep_for(500ms);  // beyond the deadline, which nobody keeps
  EXPECT_FALSE((*started)->is_over());
  EXPECT_TRUE(eventually([&] {
    (*started)->resume();
    return (*started)->is_over();
  }));
  EXPECT_TRUE((*started)->finish().timed_out);
}

TEST(SupervisedRun, ItsWholeGroupIsEnded) {
  CommandSpec spec = shell(kSleep + " & " + kSleep);
  spec.timeout = 100ms;
  spec.grace = 20ms;
  EXPECT_TRUE(run(spec).timed_out);
  EXPECT_FALSE(is_alive(kMark));
}

TEST(SupervisedRun, WhoLeavesTheGroupIsKilledAtTheEnd) {
  const RunOutcome outcome = run(shell("setsid -f sh -c 'echo up; exec " + kSleep + "' | read x; echo done"));
  EXPECT_EQ(outcome.output, "done\n");
  EXPECT_EQ(outcome.left, 1U);
  EXPECT_FALSE(outcome.escaped);
  EXPECT_FALSE(is_alive(kMark));
}

TEST(SupervisedRun, AnOrphanWithThePipeHoldsUpNobody) {
  const RunOutcome outcome = run(shell("setsid -f " + kSleep + "; exit 0"));
  EXPECT_TRUE(outcome.ended);
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_FALSE(is_alive(kMark));
}

TEST(SupervisedRun, OutputWithoutEndIsCutOff) {
  CommandSpec spec = shell("yes");
  spec.output_limit = 100'000;
  const RunOutcome outcome = run(spec);
  EXPECT_TRUE(outcome.too_much);
  EXPECT_EQ(outcome.output.size(), 100'000U);
  spec = shell("printf 12345");
  spec.output_limit = 5;
  EXPECT_FALSE(run(spec).too_much);
}

TEST(SupervisedRun, ErrorsWithoutEndDoNotKeepItFromItsDeadline) {
  CommandSpec spec = shell("yes >&2");
  spec.timeout = 100ms;
  const RunOutcome outcome = run(spec);
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_EQ(outcome.errors.size(), kKeptErrors);
}

TEST(SupervisedRun, TheEndOfTheErrorsIsKept) {
  const RunOutcome outcome = run(shell("yes | head -c 10000 >&2; echo the end >&2"));
  EXPECT_EQ(outcome.errors.size(), kKeptErrors);
  EXPECT_TRUE(outcome.errors.ends_with("y\nthe end\n"));
}

TEST(SupervisedRun, ClosedOutputIsNoEnd) {
  const RunOutcome outcome = run(shell("exec >&- 2>&-; sleep 0.05; exit 5"));
  EXPECT_EQ(WEXITSTATUS(outcome.status), 5);
  EXPECT_TRUE(outcome.output.empty());
}

TEST(SupervisedRun, EndsWhenNobodyWaitsForItAnyMore) {
  const CommandSpec spec = shell("exec " + kSleep);
  const Launch launch(spec);
  auto started = SupervisedRun::start(spec, launch);
  ASSERT_TRUE(started);
  ASSERT_TRUE(eventually([] { return is_alive(kMark); }));
  EXPECT_FALSE((*started)->is_over());
  started->reset();
  EXPECT_TRUE(eventually([] { return !is_alive(kMark); }));
  EXPECT_TRUE(eventually([] { return children().empty(); })) << "zombies: " << children();
}

TEST(SupervisedRun, DoesNotOutliveAKilledDaemon) {
  in_child([]() -> std::string {
    const CommandSpec spec = shell("setsid -f " + kSleep + "; exec " + kSleep);
    const Launch launch(spec);
    auto started = SupervisedRun::start(spec, launch);
    eventually([] { return is_alive(kMark); });
    ::kill(::getpid(), SIGKILL);
    return "";
  });
  EXPECT_TRUE(eventually([] { return !is_alive(kMark); }));
}

TEST(SupervisedRun, AThousandLeaveNothing) {
  std::vector<CommandSpec> kinds = {shell("exit 0"),
                                    shell("kill -9 $$"),
                                    shell("yes"),
                                    shell("exec >&- 2>&-"),
                                    shell("setsid -f " + kSleep),
                                    shell("trap '' TERM; " + kSleep),
                                    shell(kSleep + " & exit 1"),
                                    shell("")};
  kinds[2].output_limit = 5000;
  kinds[5].timeout = 20ms;
  kinds[5].grace = 5ms;
  kinds[7].arguments = {"/nowhere"};
  std::vector<Launch> launches;
  for (const CommandSpec& kind : kinds) launches.emplace_back(kind);
  const std::size_t before = descriptors();
  for (int round = 0; round < 125; ++round) {
    std::vector<std::unique_ptr<SupervisedRun>> runs;
    for (std::size_t i = 0; i < kinds.size(); ++i)
      runs.push_back(std::move(SupervisedRun::start(kinds[i], launches[i]).value()));
    for (const auto& one : runs) {
      pollfd polled{.fd = one->fd(), .events = POLLIN, .revents = 0};
      ASSERT_EQ(::poll(&polled, 1, 60'000), 1);
      EXPECT_FALSE(one->finish().escaped);
    }
  }
  EXPECT_EQ(children(), "");
  EXPECT_FALSE(is_alive(kMark));
  EXPECT_EQ(descriptors(), before);
}

}  // namespace
}  // namespace vitalsd
