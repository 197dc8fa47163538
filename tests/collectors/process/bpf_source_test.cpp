// Compares the BPF iterator with what procfs shows of the same real processes, which do not run meanwhile. Skipped,
// with the reason, if the kernel refuses the program.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <cstring>
#include <ctime>
#include <map>
#include <thread>

#include "collectors/process/sources/bpf/record.h"
#include "core/fd.h"
#include "tests/fakes/bpf_fixture.h"
#include "tests/fakes/frozen_process.h"
#include "tests/fakes/own_threads.h"

namespace vitalsd {
namespace {

constexpr std::uint64_t kMega = 1U << 20U;

// Uses both kinds of CPU time: arithmetic, and system calls that take long.
void use_cpu(int milliseconds) {
  const std::clock_t end = ::clock() + milliseconds * (CLOCKS_PER_SEC / 1000);
  std::vector<char> block(kMega);
  const Fd zero(::open("/dev/zero", O_RDONLY));
  while (::clock() < end) {
    for (char& byte : block) byte = static_cast<char>(byte * 3 + 1);
    for (int i = 0; i < 20; ++i) (void)!::read(zero.get(), block.data(), block.size());
  }
}

TEST_F(BpfSource, MatchesProcfsForAFrozenProcess) {
  const std::string path = testing::TempDir() + "vitalsd_bpf_" + std::to_string(::getpid());
  const FrozenProcess child(") R 1\n", [&] {
    const rlimit limit{1234, 5678};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < 700; ++i) (void)::open("/dev/null", O_RDWR);
    for (int i = 100; i < 300; i += 3) ::close(i);
    for (const int flags : {MAP_PRIVATE, MAP_SHARED}) {
      void* memory = ::mmap(nullptr, 5 * kMega, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
      std::memset(memory, 1, (flags == MAP_PRIVATE ? 5 : 3) * kMega);
    }
    const pid_t grandchild = ::fork();
    if (grandchild == 0) {
      use_cpu(60);
      ::_exit(0);
    }
    ::waitpid(grandchild, nullptr, 0);
    use_cpu(100);
    const Fd file(::open(path.c_str(), O_RDWR | O_CREAT, 0600));
    (void)!::write(file.get(), std::string(64 << 10, 'x').data(), 64 << 10);
    ::unlink(path.c_str());
  });
  const auto [sample, shown] = still(child.pid());
  expect_stat(sample, shown);
  expect_rest(sample, shown);
  EXPECT_EQ(std::string_view(sample.comm), ") R 1\n");
  EXPECT_EQ(sample.state, 'T');
  EXPECT_EQ(sample.ppid, ::getpid());
  EXPECT_EQ(sample.fd_limit, 1234);
  EXPECT_GE(sample.fds, 600);
  EXPECT_GE(sample.anon_bytes, 5 * kMega);
  EXPECT_GE(sample.shmem_bytes, 3 * kMega);
  EXPECT_GE(sample.virtual_bytes, 10 * kMega);
  EXPECT_GT(sample.counts.user, 0);
  EXPECT_GT(sample.counts.system, 0);
  EXPECT_GT(sample.children_user + sample.children_system, 0);
  EXPECT_GT(sample.counts.minor_faults, 0);
  EXPECT_EQ(sample.counts.voluntary_switches, shown.threads.voluntary);
  EXPECT_EQ(sample.counts.nonvoluntary_switches, shown.threads.nonvoluntary);
}

TEST_F(BpfSource, CountsThreadsThatLiveAndThoseThatEnded) {
  constexpr int kSleeps = 200;
  auto* switches =
      static_cast<std::uint64_t*>(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  const auto sleep = [] {
    for (int i = 0; i < kSleeps; ++i) ::usleep(1);
  };
  const FrozenProcess child("threads", [&] {
    for (int i = 0; i < 3; ++i) {
      std::thread([&] {
        sleep();
        use_cpu(20);
      }).join();
    }
    for (int i = 0; i < 5; ++i)
      std::thread([&] {
        sleep();
        for (;;) ::pause();
      }).detach();
    use_cpu(20);
    // The kernel's own sum, once all threads sleep.
    rusage used{};
    do {
      switches[0] = static_cast<std::uint64_t>(used.ru_nvcsw);
      ::usleep(10'000);
      ::getrusage(RUSAGE_SELF, &used);
    } while (static_cast<std::uint64_t>(used.ru_nvcsw) != switches[0] + 1);
    use_cpu(30);  // beyond the times that were just shown
  });
  const auto [sample, shown] = still(child.pid());
  expect_stat(sample, shown);
  expect_rest(sample, shown);
  EXPECT_GE(sample.threads, 6);
  // Each of its threads has stopped since then.
  EXPECT_GE(sample.counts.voluntary_switches, switches[0]);
  EXPECT_LE(sample.counts.voluntary_switches, switches[0] + 2 * sample.threads);
  EXPECT_GT(sample.counts.voluntary_switches, shown.threads.voluntary + kSleeps) << "those that ended count, too";
  EXPECT_GT(shown.threads.voluntary, kSleeps);
  EXPECT_GE(sample.counts.nonvoluntary_switches, shown.threads.nonvoluntary);
}

TEST_F(BpfSource, AnExecIsSeenByItsNumber) {
  FrozenProcess child("before", [] {});
  const ProcessSample before = sample_of(child.pid());
  EXPECT_EQ(sample_of(child.pid()).exec_id, before.exec_id);
  FrozenProcess after("before", [] {}, "sleep");
  const auto [sample, shown] = still(after.pid());
  expect_stat(sample, shown);
  expect_rest(sample, shown);
  EXPECT_EQ(std::string_view(sample.comm), "sleep");
  EXPECT_EQ(sample.exec_id, before.exec_id + 1);
}

// A sleeping process that has not run is skipped, except in one round of kRefreshRounds.
TEST_F(BpfSource, SeesChangesToASleeperWithinSomeRounds) {
  SKIP_WITH_SANITIZER_THREAD();
  FrozenProcess child("sleeper", [] {});
  const auto rounds_until_seen = [&](rlim_t limit) {
    const rlimit changed{limit, 1000};
    if (::prlimit(child.pid(), RLIMIT_NOFILE, &changed, nullptr) != 0) ADD_FAILURE() << "prlimit";
    int rounds = 1;
    while (sample_of(child.pid()).fd_limit != limit && rounds <= kRefreshRounds) ++rounds;
    return rounds;
  };
  sample_of(child.pid());
  EXPECT_LE(rounds_until_seen(100), kRefreshRounds);
  EXPECT_EQ(rounds_until_seen(101), kRefreshRounds) << "its turn has just been";
}

TEST_F(BpfSource, WhatAProcessDoesIsSeenAtOnce) {
  FrozenProcess child("wakes", [] { ::signal(SIGUSR1, [](int) {}); });
  ::kill(child.pid(), SIGCONT);
  for (int i = 0; i < 2 * kRefreshRounds; ++i) {
    const auto [before, shown_before] = still(child.pid());
    ::kill(child.pid(), SIGUSR1);  // out of pause() and into it again
    for (int waited = 0; waited < kPatience && Shown::threads_of(child.pid()) == shown_before.threads; ++waited) {
      ::usleep(1000);
    }
    const auto [after, shown] = still(child.pid());
    EXPECT_GT(after.counts.user + after.counts.system, before.counts.user + before.counts.system);
    EXPECT_GT(after.counts.voluntary_switches, before.counts.voluntary_switches);
    EXPECT_EQ(after.counts.voluntary_switches, shown.threads.voluntary);
  }
}

TEST_F(BpfSource, AZombieHasNoMemoryAndNoDescriptors) {
  SKIP_WITH_SANITIZER_THREAD();
  FrozenProcess child("zombie", [] { use_cpu(20); });
  const ProcessSample before = sample_of(child.pid());
  child.kill();
  siginfo_t info;
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT), 0);
  const auto [sample, shown] = still(child.pid());
  expect_stat(sample, shown);
  expect_rest(sample, shown);
  EXPECT_EQ(sample.state, 'Z');
  EXPECT_FALSE(sample.has & Has::resident);
  EXPECT_EQ(sample.fds, 0);
  EXPECT_GE(sample.counts.user + sample.counts.system, before.counts.user + before.counts.system);
  child.reap();
  scan();
  EXPECT_EQ(find(child.pid()), nullptr);
}

TEST_F(BpfSource, AProcessWithoutItsFirstThread) {
  const FrozenProcess child("headless", [] {
    ::signal(SIGUSR1, [](int) { ::syscall(SYS_exit, 0); });
    std::thread([] {
      while (content_of("/proc/self/stat").find(") Z ") == std::string::npos) ::usleep(100);
      ::raise(SIGSTOP);
      for (;;) ::pause();
    }).detach();
    ::raise(SIGUSR1);
  });
  const auto [sample, shown] = still(child.pid());
  expect_stat(sample, shown);
  EXPECT_EQ(sample.state, 'Z');
  EXPECT_FALSE(sample.has & Has::fds) << "0 would be wrong";
  EXPECT_FALSE(sample.has & Has::resident);
}

TEST_F(BpfSource, EveryProcessIsThereOnce) {
  std::vector<std::unique_ptr<FrozenProcess>> children;  // enough for several reads
  for (int i = 0; i < 300; ++i) children.push_back(std::make_unique<FrozenProcess>("many", [] {}));
  scan();
  std::map<pid_t, int> seen;
  for (const auto& sample : samples_) ++seen[sample.id.pid];
  EXPECT_EQ(seen.size(), samples_.size());
  EXPECT_TRUE(seen.contains(::getpid()));
  for (const auto& child : children) EXPECT_TRUE(seen.contains(child->pid()));
}

TEST_F(BpfSource, KernelThreadsAreNamedAsProcfsNamesThem) {
  const auto is_kernel_thread = [](const ProcessSample& sample) { return sample.id.pid == 2 || sample.ppid == 2; };
  if (content_of(proc(2, "stat")).find("(kthreadd)") == std::string::npos) GTEST_SKIP() << "sees no kernel threads";
  std::size_t long_names = 0, with_work = 0;
  scan();
  for (const ProcessSample& sample : samples_) {
    if (!is_kernel_thread(sample)) continue;
    const std::string_view comm = sample.comm;
    const std::string text = content_of(proc(sample.id.pid, "stat"));
    const auto stat = pid_stat::parse(text);
    if (!stat) continue;  // a worker that has ended
    // The part after the sign is the worker's current work, which changes at any time.
    const std::size_t sign = comm.starts_with("kworker/") ? comm.find_first_of("+-", comm.find(':')) : comm.npos;
    const bool cut = stat->comm.size() == 15;  // before Linux 6.11 procfs cuts the names of workers
    EXPECT_EQ(comm.substr(0, cut ? 15 : sign), stat->comm.substr(0, cut ? 15 : sign));
    EXPECT_FALSE(sample.has & Has::resident) << comm;
    EXPECT_EQ(sample.virtual_bytes + sample.resident_bytes, 0);
    EXPECT_TRUE(sample.has & Has::fds);
    EXPECT_EQ(sample.fds, 0);
    if (comm.size() > 15) ++long_names;
    if (comm == stat->comm && sign != comm.npos) ++with_work;
  }
  EXPECT_GT(long_names, 0);
  EXPECT_GT(with_work, 0);
  const auto [kthreadd, shown] = still(2);
  expect_stat(kthreadd, shown);
  expect_rest(kthreadd, shown);
}

TEST_F(BpfSource, AProcessOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become another user";
  const FrozenProcess child("other", [] { (void)!::seteuid(65534); });
  const auto [sample, shown] = still(child.pid());
  EXPECT_EQ(sample.uid, 65534);
  expect_stat(sample, shown);
  expect_rest(sample, shown);
}

}  // namespace
}  // namespace vitalsd
