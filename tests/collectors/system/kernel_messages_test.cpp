// The real log of the kernel where it can be read, records of a socket elsewhere.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "collectors/system/kernel_log.h"
#include "collectors/system/kernel_patterns.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

struct Message {
  const char* pattern;
  const char* text;
};
constexpr std::array kMessages = {
    Message{"ata_error", "ata1.00: exception Emask 0x0 SAct 0x0 SErr 0x0 action 0x6 frozen"},
    Message{"ata_error", "ata3: failed command: READ DMA"},
    Message{"btrfs_error", "BTRFS error (device sda1): bdev /dev/sda1 errs: wr 1, rd 0, flush 0, corrupt 0, gen 0"},
    Message{"ext4_error",
            "EXT4-fs error (device sda1): ext4_lookup:1785: inode #2: comm ls: deleted inode referenced: 12"},
    Message{"hung_task", "INFO: task jbd2/sda1-8:312 blocked for more than 122 seconds."},
    Message{"io_error",
            "blk_update_request: I/O error, dev sda, sector 2048 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0"},
    Message{"io_error", "I/O error, dev nvme0n1, sector 0 op 0x1:(WRITE) flags 0x0 phys_seg 1 prio class 2"},
    Message{"io_error", "Buffer I/O error on dev sda1, logical block 0, lost async page write"},
    Message{"link_down", "e1000e 0000:00:1f.6 eno1: NIC Link is Down"},
    Message{"link_down", "r8169 0000:02:00.0 enp2s0: Link is Down"},
    Message{"link_down", "mlx5_core 0000:81:00.0 ens1f0: Link down"},
    Message{"lockup", "watchdog: BUG: soft lockup - CPU#3 stuck for 23s! [kworker/3:1:120]"},
    Message{"lockup", "rcu: INFO: rcu_preempt self-detected stall on CPU"},
    Message{"lockup", "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:"},
    Message{"machine_check", "mce: [Hardware Error]: Machine check events logged"},
    Message{"machine_check", "{1}[Hardware Error]: event severity: corrected"},
    Message{"memory_error", "EDAC MC0: 1 CE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0"},
    Message{"oom_kill", "Out of memory: Killed process 1234 (stress) total-vm:1000kB, anon-rss:900kB"},
    Message{"oom_kill", "Memory cgroup out of memory: Killed process 99 (java) total-vm:1000kB"},
    Message{"oops", "Oops: 0002 [#1] SMP PTI"},
    Message{"oops", "BUG: kernel NULL pointer dereference, address: 0000000000000000"},
    Message{"segfault", "python3[2297]: segfault at 0 ip 00007f27a0b74219 sp 00007ffec5c5add8 error 4 in libc.so.6"},
    Message{"xfs_error", "XFS (sda2): Metadata corruption detected at xfs_agf_read_verify+0x70/0x120"},
    Message{"xfs_error", "XFS (dm-0): log I/O error -5"},
    Message{"xfs_error", "XFS (sdb1): Filesystem has been shut down due to log error (0x2)."},
    Message{"", "ata2: SATA link down (SStatus 0 SControl 300)"},
    Message{"", "EXT4-fs (sda1): mounted filesystem with ordered data mode"},
    Message{"", "XFS (sda2): Ending clean mount"},
    Message{"", "e1000e 0000:00:1f.6 eno1: NIC Link is Up 1000 Mbps Full Duplex"},
    Message{"", "oom_reaper: reaped process 99 (java), now anon-rss:0kB"},
};

Options options_with(std::vector<Record> patterns) {
  Options options = Options::defaults(find_collector("kernel_messages")->options);
  options.set("patterns", {.text = "", .items = {}, .records = std::move(patterns)});
  return options;
}

TEST(KernelPatterns, MatchTheKernelsOwnWords) {
  const KernelPatterns patterns(options_with({}), "patterns");
  EXPECT_EQ(patterns.size(), kKernelPatterns.size());
  for (const Message& message : kMessages) {
    std::string matched;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      if (patterns.matches(i, message.text)) matched += patterns.name(i);
    }
    EXPECT_EQ(matched, message.pattern) << message.text;
  }
  for (const KernelPattern& pattern : kKernelPatterns) {
    EXPECT_TRUE(std::ranges::any_of(kMessages, [&](const Message& m) { return m.pattern == pattern.name; }));
  }
}

TEST(KernelPatterns, OnesOwnComeFirst) {
  const KernelPatterns patterns(
      options_with({{{"name", "zfs"}, {"match", "^ZFS"}}, {{"name", "oops"}, {"match", "^Oops"}}}), "patterns");
  EXPECT_EQ(patterns.size(), kKernelPatterns.size() + 1);
  EXPECT_EQ(patterns.name(0), "zfs");
  EXPECT_TRUE(patterns.matches(0, "ZFS: bad"));
  EXPECT_FALSE(patterns.matches(1, "kernel BUG at mm/slab.c:1!"));
  EXPECT_THROW(KernelPatterns(options_with({{{"name", "a"}, {"match", "("}}}), "patterns"), OptionError);
  EXPECT_THROW(KernelPatterns(options_with({{{"name", "a"}}}), "patterns"), OptionError);
}

class KernelLogTest : public testing::Test {
 protected:
  KernelLogTest() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) std::abort();
    kernel.reset(ends[0]);
    EXPECT_TRUE(log.take(Fd(ends[1])));
  }
  void say(const std::string& record) const {
    EXPECT_EQ(::send(kernel.get(), record.data(), record.size(), MSG_NOSIGNAL), static_cast<ssize_t>(record.size()));
  }
  bool is_readable() const {
    pollfd polled{.fd = log.fd(), .events = POLLIN, .revents = 0};
    return ::poll(&polled, 1, 0) == 1;
  }
  Fd kernel;
  KernelLog log;
  std::string buffer;
};

TEST_F(KernelLogTest, GivesRecordsAndCountsWhatIsMissing) {
  EXPECT_FALSE(is_readable());
  say("6,10,0,-;a");
  EXPECT_TRUE(is_readable());
  say("6,11,0,-;b");
  say("6,15,0,-;c");
  EXPECT_EQ((*log.next(buffer))->text, "a");
  EXPECT_EQ((*log.next(buffer))->text, "b");
  EXPECT_EQ(log.lost(), 0U);
  EXPECT_EQ((*log.next(buffer))->text, "c");
  EXPECT_EQ(log.lost(), 3U);
  EXPECT_EQ(*log.next(buffer), std::nullopt);
  EXPECT_FALSE(is_readable());
}

TEST_F(KernelLogTest, ABadRecordCostsItself) {
  say("what?");
  say("6,11,0,-;b");
  EXPECT_EQ(log.next(buffer).error().code, Errc::malformed);
  EXPECT_EQ((*log.next(buffer))->text, "b");
}

TEST_F(KernelLogTest, AnEndIsAnErrorAndClosingSilencesIt) {
  kernel.reset();
  EXPECT_EQ(log.next(buffer).error().code, Errc::io);
  EXPECT_TRUE(is_readable());
  log.close();
  EXPECT_FALSE(is_readable());
  EXPECT_EQ(*log.next(buffer), std::nullopt);
}

TEST_F(KernelLogTest, WakesOnceASecond) {
  EXPECT_TRUE(log.woken());
  log.begin(false);
  EXPECT_TRUE(log.woken());
  log.begin(true);
  EXPECT_FALSE(log.woken());
}

double counted(const RunResult& run, const char* label, const char* value) {
  const std::string family = std::string(label) == "level" ? "messages" : "pattern_messages";
  return std::stod(
      sample(run.text, "vitalsd_kernel_" + family + "_total{" + label + "=\"" + value + "\"}").value_or("-1"));
}

// As `program[pid]: segfault at 0 ip ...`.
void crash() {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGSEGV, SIG_DFL);
    *static_cast<volatile int*>(nullptr) = 1;
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
}

TEST(KernelMessages, CountsWhatThisKernelSaysFromNowOn) {
  if (::access("/dev/kmsg", R_OK) != 0 || ::geteuid() != 0) GTEST_SKIP() << "the log cannot be read here";
  FakeClock clock;
  const Host host{.rootfs = open_directory("/"), .clock = &clock};
  const auto collector = find_collector("kernel_messages")->make(options_with({}));
  const RunResult before = run_collector(*collector, host);
  if (!before.result) GTEST_SKIP() << describe(before.result.error());
  EXPECT_EQ(counted(before, "pattern", "oom_kill"), 0);
  EXPECT_EQ(counted(before, "level", "info"), 0);
  crash();
  RunResult after = run_collector(*collector, host);
  for (int i = 0; i < 200 && counted(after, "pattern", "segfault") < 1; ++i) {
    ::usleep(10'000);
    after = run_collector(*collector, host);
  }
  if (counted(after, "pattern", "segfault") < 1) GTEST_SKIP() << "this kernel does not log crashes";
  EXPECT_GE(counted(after, "level", "info"), 1);
  EXPECT_TRUE(after.faults.empty());
  // What a program writes there, whatever it says, is not the kernel's.
  const Fd writer(::open("/dev/kmsg", O_WRONLY | O_CLOEXEC));
  constexpr std::string_view kLie = "<0>Out of memory: Killed process 1 (vitalsd test)";
  if (!writer || ::write(writer.get(), kLie.data(), kLie.size()) < 0) return;
  const RunResult last = run_collector(*collector, host);
  EXPECT_EQ(counted(last, "pattern", "oom_kill"), 0);
  EXPECT_EQ(counted(last, "level", "emerg"), 0);
}

TEST(KernelMessages, AFifoInItsPlaceIsNotWaitedFor) {
  std::string directory = testing::TempDir() + "/kmsg_XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  std::filesystem::create_directories(directory + "/dev");
  ASSERT_EQ(::mkfifo((directory + "/dev/kmsg").c_str(), 0600), 0);
  FakeClock clock;
  auto rule = std::make_unique<OpenRule>();
  OpenRule* const opening = rule.get();
  const Host host{
      .opening = std::move(rule), .rootfs = open_directory(directory, Resolve::in_root, opening), .clock = &clock};
  const auto collector = find_collector("kernel_messages")->make(options_with({}));
  EXPECT_EQ(run_collector(*collector, host).result.error().code, Errc::unavailable);
  EXPECT_FALSE(opening->no_waiting);
  std::filesystem::remove_all(directory);
}

class KernelMessagesErrors : public testing::Test, protected FakeHost {};

TEST_F(KernelMessagesErrors, WithoutALogThereIsNothing) {
  const auto collector = find_collector("kernel_messages")->make(options_with({}));
  EXPECT_EQ(run_collector(*collector, host).result.error().code, Errc::unavailable);
  rootfs->file("dev/kmsg", "an ordinary file");
  EXPECT_EQ(run_collector(*collector, host).result.error().code, Errc::io);
}

}  // namespace
}  // namespace vitalsd
