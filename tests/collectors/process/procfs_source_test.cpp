// The procfs source over real processes: what it keeps open, what it reads again, and that it agrees with BPF.
#include "collectors/process/sources/procfs_source.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "collectors/process/sources/bpf/bpf_source.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_processes.h"
#include "tests/fakes/live_process.h"
#include "tests/fakes/own_threads.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

class Child {
 public:
  explicit Child(int threads = 1) : pid_(::fork()) {
    if (pid_ != 0) return;
    for (int i = 1; i < threads; ++i) std::thread([] { ::pause(); }).detach();
    while (true) ::pause();
  }
  ~Child() { end(); }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

class ProcfsSourceTest : public testing::Test {
 protected:
  const ProcessSample* find(ProcessSource& source, pid_t pid, bool detail = true) {
    CollectContext context{host_, {}, {}, buffer_, faults_};
    const auto samples = source.scan(context).value();
    const auto found = std::ranges::find(samples, pid, [](const ProcessSample& each) { return each.id.pid; });
    if (found == samples.end()) return nullptr;
    samples_.push_back(std::make_unique<ProcessSample>(*found));
    if (detail && !source.detail(context, *samples_.back())) return nullptr;
    return samples_.back().get();
  }

  const FakeClock clock_;
  const Host host_{.procfs = open_directory("/proc"), .units = Units::of_this_machine(), .clock = &clock_};
  RecordingFaults faults_;
  std::string buffer_;
  std::vector<std::unique_ptr<ProcessSample>> samples_;
};

TEST_F(ProcfsSourceTest, ReadsTheSameWithinAnyBudget) {
  SKIP_WITH_SANITIZER_THREAD();
  Child child;
  ASSERT_TRUE(wait_until_asleep(child.pid()));
  ProcfsSource wide(10'000), narrow(8), none(0);
  for (int round = 0; round < 3; ++round) {
    const ProcessSample expected = *find(wide, child.pid());
    for (ProcfsSource* source : {&narrow, &none}) {
      const ProcessSample* sample = find(*source, child.pid());
      ASSERT_NE(sample, nullptr);
      EXPECT_EQ(sample->id, expected.id);
      EXPECT_EQ(sample->resident_bytes, expected.resident_bytes);
      EXPECT_EQ(sample->fds, expected.fds);
      EXPECT_EQ(sample->counts.voluntary_switches, expected.counts.voluntary_switches);
      EXPECT_EQ(static_cast<int>(sample->has), static_cast<int>(expected.has));
    }
  }
  EXPECT_GT(wide.open_descriptors(), 8U);
  EXPECT_LE(narrow.open_descriptors(), 8U);
  EXPECT_EQ(none.open_descriptors(), 0U);
}

TEST_F(ProcfsSourceTest, SeesProcessesThatWakeAndEnd) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    char byte = 0;
    while (::read(pipe[0], &byte, 1) == 1) (void)::dup(0);
    ::_exit(0);
  }
  ASSERT_TRUE(wait_until_asleep(pid));
  ProcfsSource source(10'000);
  const std::uint64_t before = find(source, pid)->fds;
  EXPECT_EQ(find(source, pid)->fds, before);
  ASSERT_EQ(::write(pipe[1], "x", 1), 1);
  for (int waited = 0; waited < kPatience && find(source, pid)->fds == before; ++waited) ::usleep(1000);
  EXPECT_EQ(find(source, pid)->fds, before + 1);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  EXPECT_EQ(find(source, pid), nullptr);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST_F(ProcfsSourceTest, SumsTheThreads) {
  SKIP_WITH_SANITIZER_THREAD();
  Child child(4);
  ASSERT_TRUE(wait_until_asleep(child.pid()));
  ProcfsSource source(10'000);
  const ProcessSample* sample = nullptr;
  for (int waited = 0; waited < kPatience; ++waited) {
    sample = find(source, child.pid());
    if (sample->states.sleeping == 4) break;
    ::usleep(1000);
  }
  EXPECT_EQ(sample->threads, 4U);
  EXPECT_EQ(sample->states.sleeping, 4U);
  EXPECT_GE(sample->counts.voluntary_switches, 4U) << "each went to sleep once";
}

TEST_F(ProcfsSourceTest, AndBpfAgree) {
  std::string why;
  auto bpf = open_bpf_source(host_.units, why);
  if (!bpf) GTEST_SKIP() << why;
  Child one, many(5);
  ASSERT_TRUE(wait_until_asleep(one.pid()));
  ASSERT_TRUE(wait_until_asleep(many.pid()));
  ::usleep(20'000);
  ProcfsSource procfs(10'000);
  for (const pid_t pid : {one.pid(), many.pid()}) {
    const ProcessSample a = *find(procfs, pid);
    const ProcessSample b = *find(**bpf, pid);
    EXPECT_EQ(a.id, b.id);
    EXPECT_EQ(a.ppid, b.ppid);
    EXPECT_EQ(a.uid, b.uid);
    EXPECT_EQ(a.state, b.state);
    EXPECT_EQ(a.states, b.states);
    EXPECT_EQ(std::string_view(a.comm), std::string_view(b.comm));
    EXPECT_EQ(a.threads, b.threads);
    EXPECT_EQ(a.virtual_bytes, b.virtual_bytes);
    EXPECT_EQ(a.resident_bytes, b.resident_bytes);
    EXPECT_EQ(a.swap_bytes, b.swap_bytes);
    EXPECT_EQ(a.fds, b.fds);
    EXPECT_EQ(a.fd_limit, b.fd_limit);
    EXPECT_EQ(a.counts.minor_faults, b.counts.minor_faults);
    EXPECT_EQ(a.counts.voluntary_switches, b.counts.voluntary_switches);
    EXPECT_EQ(a.counts.nonvoluntary_switches, b.counts.nonvoluntary_switches);
    EXPECT_EQ(a.counts.read_bytes, b.counts.read_bytes);
    EXPECT_EQ(a.counts.write_bytes, b.counts.write_bytes);
  }
  // Neither source lacks a process.
  CollectContext context{host_, {}, {}, buffer_, faults_};
  const auto ours = (*bpf)->scan(context);
  ASSERT_TRUE(ours);
  for (const pid_t pid : {1, one.pid(), many.pid(), ::getpid()}) {
    EXPECT_EQ(std::ranges::count(*ours, pid, [](const ProcessSample& each) { return each.id.pid; }), 1) << pid;
  }
}

TEST(ProcfsSourceFakes, ReadADirectoryPlainly) {
  FakeProcesses fakes;
  fakes.start({.pid = 7, .threads = 2});
  fakes.procfs->file(
      "7/task/7/status",
      "State:\tR (running)\nUid:\t0\t0\t0\t0\nvoluntary_ctxt_switches:\t5\nnonvoluntary_ctxt_switches:\t1\n");
  fakes.procfs->file(
      "7/task/8/status",
      "State:\tD (disk)\nUid:\t0\t0\t0\t0\nvoluntary_ctxt_switches:\t50\nnonvoluntary_ctxt_switches:\t2\n");
  RecordingFaults faults;
  std::string buffer;
  CollectContext context{fakes.host, {}, {}, buffer, faults};
  ProcfsSource source(100);
  const auto look = [&] {
    const auto samples = source.scan(context);
    EXPECT_EQ(samples.value().size(), 1U);
    ProcessSample sample = samples->front();
    EXPECT_TRUE(source.detail(context, sample));
    return sample;
  };
  ProcessSample sample = look();
  EXPECT_EQ(sample.counts.read_bytes, 23U);
  EXPECT_EQ(sample.fds, 3U);
  EXPECT_EQ(sample.fd_limit, 1024U);
  EXPECT_EQ(sample.resident_bytes, 33U * 1024);
  EXPECT_EQ(sample.counts.run_delay, 1'500'000'000U);
  EXPECT_EQ(sample.counts.voluntary_switches, 55U);
  EXPECT_EQ(sample.states.waiting, 1U);
  // A thread ends, another begins: the sum does not fall.
  fakes.procfs->remove("7/task/8/");
  fakes.procfs->file(
      "7/task/9/status",
      "State:\tS (sleeping)\nUid:\t0\t0\t0\t0\nvoluntary_ctxt_switches:\t3\nnonvoluntary_ctxt_switches:\t0\n");
  sample = look();
  EXPECT_EQ(sample.counts.voluntary_switches, 58U);
  EXPECT_EQ(sample.counts.nonvoluntary_switches, 3U);
  // What is denied is absent, the rest stands.
  fakes.procfs->error("7/io", EACCES);
  sample = look();
  EXPECT_FALSE(sample.has & Has::io);
  EXPECT_EQ(sample.unread, "io");
  EXPECT_EQ(sample.error.code, Errc::denied);
  EXPECT_EQ(source.open_descriptors(), 0U);
  fakes.procfs->file("7/stat", "7 (x");
  EXPECT_EQ(source.scan(context).value().front().unread, "stat");
}

}  // namespace
}  // namespace vitalsd
