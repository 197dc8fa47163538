// Tests with the real kernel what the filter refuses, and that the daemon's own calls go on working.
#include "daemon/sandbox/seccomp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/fakes/in_child.h"

namespace vitalsd {
namespace {

// Installs the filter, by default as for a daemon with a state directory.
std::string close_doors(const seccomp::Doing& doing = {.keeps_files = true}) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "no_new_privs";
  return seccomp::install(seccomp::program_for(doing, ::getpid()));
}

bool is_refused(std::string_view call) {
  const auto all = seccomp::refused();
  return std::ranges::find(all, call) != all.end();
}

struct Attempt {
  std::string_view call;
  long (*make)();
  int error = EPERM;
};

// Each attempt is harmless if it is not refused.
const Attempt kAttempts[] = {
    {"execve", [] { return ::syscall(SYS_execve, "/nowhere", nullptr, nullptr); }},
    {"execveat", [] { return ::syscall(SYS_execveat, AT_FDCWD, "/nowhere", nullptr, nullptr, 0); }},
    {"ptrace", [] { return ::ptrace(PTRACE_ATTACH, 0, nullptr, nullptr); }},
    {"kill", [] { return static_cast<long>(::kill(::getppid(), 0)); }},
    {"kill", [] { return static_cast<long>(::kill(0, 0)); }},
    {"kill", [] { return static_cast<long>(::kill(-1, 0)); }},
    {"tgkill", [] { return ::syscall(SYS_tgkill, ::getppid(), ::getppid(), 0); }},
    {"tkill", [] { return ::syscall(SYS_tkill, ::getppid(), 0); }},
    {"rt_sigqueueinfo", [] { return ::syscall(SYS_rt_sigqueueinfo, ::getppid(), 0, nullptr); }},
    {"pidfd_send_signal", [] { return ::syscall(SYS_pidfd_send_signal, -1, 0, nullptr, 0); }},
    {"pidfd_getfd", [] { return ::syscall(SYS_pidfd_getfd, -1, 0, 0); }},
    {"process_vm_readv", [] { return ::syscall(SYS_process_vm_readv, ::getppid(), nullptr, 0L, nullptr, 0L, 0L); }},
    {"process_vm_writev", [] { return ::syscall(SYS_process_vm_writev, ::getppid(), nullptr, 0L, nullptr, 0L, 0L); }},
    {"prlimit64", [] { return ::syscall(SYS_prlimit64, ::getppid(), RLIMIT_NOFILE, nullptr, nullptr); }},
    {"mount", [] { return static_cast<long>(::mount("none", "/nowhere", "tmpfs", 0, nullptr)); }},
    {"umount2", [] { return static_cast<long>(::umount2("/nowhere", 0)); }},
    {"fsopen", [] { return ::syscall(SYS_fsopen, nullptr, 0); }},
    {"move_mount", [] { return ::syscall(SYS_move_mount, -1, "", -1, "", 0); }},
    {"chroot", [] { return static_cast<long>(::chroot("/nowhere")); }},
    {"pivot_root", [] { return ::syscall(SYS_pivot_root, "/nowhere", "/nowhere"); }},
    {"swapon", [] { return ::syscall(SYS_swapon, "/nowhere", 0); }},
    {"mknodat", [] { return static_cast<long>(::mknod("/nowhere/a", S_IFCHR | 0600, 0)); }},
    {"fchownat", [] { return static_cast<long>(::fchownat(AT_FDCWD, "/nowhere", 0, 0, 0)); }},
    {"chmod", [] { return static_cast<long>(::chmod("/nowhere", 04755)); }},
    {"fchmod", [] { return static_cast<long>(::fchmod(-1, 0666)); }},
    {"fchmodat", [] { return ::syscall(SYS_fchmodat, AT_FDCWD, "/nowhere", 04755); }},
    {"fchmodat2", [] { return ::syscall(452, AT_FDCWD, "/nowhere", 04755, 0); }},
    {"fchown", [] { return static_cast<long>(::fchown(-1, 0, 0)); }},
    {"setxattr", [] { return ::syscall(SYS_setxattr, "/nowhere", "user.a", "", 0UL, 0); }},
    {"fsetxattr", [] { return ::syscall(SYS_fsetxattr, -1, "user.a", "", 0UL, 0); }},
    {"utimensat", [] { return ::syscall(SYS_utimensat, AT_FDCWD, "/nowhere", nullptr, 0); }},
    {"truncate", [] { return static_cast<long>(::truncate("/nowhere", 0)); }},
    {"symlinkat", [] { return static_cast<long>(::symlinkat("a", AT_FDCWD, "/nowhere/a")); }},
    {"linkat", [] { return static_cast<long>(::linkat(AT_FDCWD, "/nowhere", AT_FDCWD, "/nowhere/a", 0)); }},
    {"pwrite64", [] { return static_cast<long>(::pwrite(-1, "", 1, 4096)); }},
    {"io_setup", [] { return ::syscall(SYS_io_setup, 1U, nullptr); }},
    {"copy_file_range", [] { return ::syscall(SYS_copy_file_range, -1, nullptr, -1, nullptr, 1UL, 0U); }},
    {"lseek", [] { return static_cast<long>(::lseek(-1, 4096, SEEK_SET)); }},
    {"lseek", [] { return static_cast<long>(::lseek(-1, 1L << 32, SEEK_SET)); }},
    {"mmap",
     [] {
       return ::syscall(SYS_mmap, nullptr, 0UL, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                        0L);
     }},
    {"ioctl", [] { return static_cast<long>(::ioctl(-1, TIOCSTI, "x")); }},
    {"ioctl", [] { return static_cast<long>(::ioctl(-1, SIOCSIFFLAGS, nullptr)); }},
    {"sched_setaffinity", [] { return ::syscall(SYS_sched_setaffinity, ::getppid(), 0UL, nullptr); }},
    {"setpriority", [] { return ::syscall(SYS_setpriority, 99, ::getppid(), 0); }},
    {"shmat", [] { return ::syscall(SYS_shmat, -1, nullptr, 0); }},
    {"socket", [] { return static_cast<long>(::socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER)); }},
    {"setns", [] { return ::syscall(SYS_setns, -1, 0); }},
    {"unshare", [] { return static_cast<long>(::unshare(0)); }},
    {"clone", [] { return ::syscall(SYS_clone, CLONE_THREAD | CLONE_NEWNET, nullptr, nullptr, nullptr, 0L); }},
    {"clone3", [] { return ::syscall(SYS_clone3, nullptr, 0L); }, ENOSYS},
    {"setuid", [] { return static_cast<long>(::setuid(::getuid())); }},
    {"keyctl", [] { return ::syscall(SYS_keyctl, -1, 0L, 0L, 0L, 0L); }},
    {"bpf", [] { return ::syscall(SYS_bpf, ~0U, nullptr, 0U); }},
    {"perf_event_open", [] { return ::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0UL); }},
    {"io_uring_setup", [] { return ::syscall(SYS_io_uring_setup, 0U, nullptr); }},
    {"init_module", [] { return ::syscall(SYS_init_module, nullptr, 0UL, nullptr); }},
    {"kexec_load", [] { return ::syscall(SYS_kexec_load, 0UL, 17UL, nullptr, ~0UL); }},
    {"reboot", [] { return ::syscall(SYS_reboot, 0, 0, 0, nullptr); }},
    {"settimeofday", [] { return ::syscall(SYS_settimeofday, nullptr, nullptr); }},
    {"socket", [] { return static_cast<long>(::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)); }},
    {"socket", [] { return static_cast<long>(::socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6)); }},
    {"socket", [] { return static_cast<long>(::socket(AF_INET, SOCK_PACKET, 0)); }},
    {"socket", [] { return static_cast<long>(::socket(AF_PACKET, SOCK_DGRAM, 0)); }},
    {"socket", [] { return static_cast<long>(::socket(AF_VSOCK, SOCK_STREAM, 0)); }},
};

class Seccomp : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string state = in_child([] { return close_doors(); }); state != "on") GTEST_SKIP() << state;
  }
};

TEST_F(Seccomp, RefusesWhatTheDaemonNeverDoes) {
  for (const Attempt& attempt : kAttempts) {
    // In builds with sanitizers these are allowed, for the runtime.
    constexpr std::array kOfRuntimes = {"ptrace", "mmap", "lseek"};
    if (!is_refused("ptrace") && std::ranges::find(kOfRuntimes, attempt.call) != kOfRuntimes.end()) continue;
    ASSERT_TRUE(is_refused(attempt.call)) << attempt.call;
    const auto once = [&] { return std::to_string(error_of(attempt.make())); };
    const auto shut = [&] { return close_doors() == "on" ? once() : "open"; };
    EXPECT_EQ(in_child(shut), std::to_string(attempt.error)) << attempt.call;
    // The same call without the filter must end differently for root: so it was the filter that refused it.
    if (::geteuid() != 0) continue;
    EXPECT_NE(in_child(once), std::to_string(attempt.error)) << attempt.call << " without it";
  }
}

TEST_F(Seccomp, MakesNoProcess) {
  if (!is_refused("ptrace")) GTEST_SKIP() << "a sanitizer makes one at the end";
  EXPECT_EQ(in_child([]() -> std::string {
              if (close_doors() != "on") return "open";
              const pid_t child = ::fork();
              if (child == 0) ::_exit(0);
              return std::to_string(error_of(child));
            }),
            std::to_string(EPERM));
}

TEST_F(Seccomp, RefusesCallsOfAnotherKind) {
#ifdef __x86_64__
  constexpr long kX32 = 0x40000000;
  EXPECT_EQ(in_child([] {
              return then([] { return close_doors(); },
                          [] { return std::to_string(error_of(::syscall(kX32 | SYS_getpid))); });
            }),
            "on " + std::to_string(EPERM));
#endif
}

TEST_F(Seccomp, LeavesBpfToWhoNeedsIt) {
  const auto ask = [](Powers powers) {
    return in_child([powers] {
      return then([powers] { return close_doors({.powers = powers, .keeps_files = true}); },
                  [] { return std::to_string(error_of(::syscall(SYS_bpf, ~0U, nullptr, 0U)) == EPERM); });
    });
  };
  EXPECT_EQ(ask({}), "on 1");
  if (::geteuid() != 0) GTEST_SKIP() << "the kernel itself refuses it to others";
  EXPECT_EQ(ask({Power::bpf}), "on 0");
}

TEST_F(Seccomp, LeavesProgramsToWhoRunsThem) {
  const auto run = [](Powers powers) {
    return in_child([powers] {
      return then([powers] { return close_doors({.powers = powers}); },
                  []() -> std::string {
                    const pid_t child = ::fork();
                    if (child == 0) {
                      ::execl("/bin/sh", "sh", "-c", "echo >/dev/null && sleep 100 & kill $! && exit 7", nullptr);
                      ::_exit(99);
                    }
                    int status = 0;
                    if (child < 0) return "no process";
                    ::waitpid(child, &status, 0);
                    return std::to_string(WEXITSTATUS(status));
                  });
    });
  };
  EXPECT_EQ(run({Power::run_programs}), "on 7");
  if (is_refused("ptrace")) {
    EXPECT_EQ(run({}), "on no process");
  }
}

TEST_F(Seccomp, ProgramsMayNotWhatTheDaemonMayNot) {
  const auto ask = [](Powers powers, long (*make)()) {
    return in_child([=] {
      return then([=] { return close_doors({.powers = powers}); }, [=] { return std::to_string(error_of(make())); });
    });
  };
  const std::string refused = "on " + std::to_string(EPERM);
  const Powers programs{Power::run_programs};
  for (const auto make : std::initializer_list<long (*)()>{
           [] { return ::syscall(SYS_mount, "none", "/nowhere", "tmpfs", 0, nullptr); },
           [] { return ::syscall(SYS_unshare, 0); }, [] { return ::syscall(SYS_setns, -1, 0); },
           [] { return ::syscall(SYS_chmod, "/nowhere", 04755); }, [] { return ::syscall(SYS_bpf, ~0U, nullptr, 0U); },
           [] { return ::syscall(SYS_setresuid, -1, -1, -1); }}) {
    EXPECT_EQ(ask(programs, make), refused);
  }
  EXPECT_EQ(ask(programs | Powers{Power::switch_users}, [] { return ::syscall(SYS_setresuid, -1, -1, -1); }), "on 0");
}

TEST_F(Seccomp, HoldsForThreadsThatAreThereAlready) {
  EXPECT_EQ(in_child([]() -> std::string {
              std::atomic<int> state = 0;
              std::atomic<int> error = -1;
              std::thread thread([&] {
                while (state == 0) std::this_thread::yield();
                error = error_of(::unshare(0));
              });
              const std::string installed = close_doors();
              state = 1;
              thread.join();
              return installed + " " + std::to_string(error);
            }),
            "on " + std::to_string(EPERM));
}

std::string use_sockets() {
  struct Kind {
    int family, type, protocol;
  };
  constexpr Kind kKinds[] = {{AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP},
                             {AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0},
                             {AF_UNIX, SOCK_STREAM, 0},
                             {AF_UNIX, SOCK_DGRAM, 0},
                             {AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0}};
  for (const Kind& kind : kKinds) {
    const Fd socket(::socket(kind.family, kind.type, kind.protocol));
    if (!socket) return "socket " + std::to_string(kind.family) + " " + std::to_string(errno);
  }
  addrinfo* found = nullptr;
  if (const int failed = ::getaddrinfo("localhost", "80", nullptr, &found); failed != 0) return ::gai_strerror(failed);
  ::freeaddrinfo(found);
  return "";
}

std::string use_files(const std::filesystem::path& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory / "reports", failed);
  std::ofstream(directory / "a") << "text";
  std::filesystem::rename(directory / "a", directory / "b", failed);
  if (failed) return "rename: " + failed.message();
  std::string text;
  std::ifstream(directory / "b") >> text;
  std::filesystem::remove(directory / "b", failed);
  return failed || text != "text" ? "files" : "";
}

TEST_F(Seccomp, LetsTheDaemonWork) {
  const auto directory = std::filesystem::temp_directory_path() / ("vitalsd-seccomp-" + std::to_string(::getpid()));
  EXPECT_EQ(in_child([&]() -> std::string {
              if (close_doors() != "on") return "open";
              bool ran = false;
              std::thread([&] { ran = true; }).join();
              if (!ran) return "thread";
              if (const auto failed = use_sockets(); !failed.empty()) return failed;
              if (const auto failed = use_files(directory); !failed.empty()) return failed;
              if (::kill(::getpid(), 0) != 0) return "kill";
              rlimit limit{};
              if (::prlimit(0, RLIMIT_NOFILE, nullptr, &limit) != 0) return "prlimit";
              if (!Fd(::inotify_init1(IN_CLOEXEC))) return "inotify";
              if (!Fd(static_cast<int>(::syscall(SYS_pidfd_open, ::getppid(), 0)))) return "pidfd_open";
              return "works";
            }),
            "works");
  std::filesystem::remove_all(directory);
}

TEST_F(Seccomp, OpenForWritingIsRefusedWhereNothingIsWritten) {
  const auto ask = [](const seccomp::Doing& doing, const std::function<long()>& make) {
    return in_child(
        [&] { return then([&] { return close_doors(doing); }, [&] { return std::to_string(error_of(make())); }); });
  };
  const auto refused = "on " + std::to_string(EPERM), missing = "on " + std::to_string(ENOENT);
  const auto bad = "on " + std::to_string(EINVAL);
  const auto write = [] { return ::syscall(SYS_openat, AT_FDCWD, "/nowhere/a", O_WRONLY); };
  const auto make = [] { return ::syscall(SYS_openat, AT_FDCWD, "/nowhere/a", O_RDONLY | O_CREAT, 0600); };
  const auto read = [] { return ::syscall(SYS_openat, AT_FDCWD, "/nowhere/a", O_RDONLY | O_CLOEXEC | O_DIRECTORY); };
  const auto open2 = [] { return ::syscall(SYS_openat2, AT_FDCWD, "/nowhere/a", nullptr, 0UL); };
  const auto remove = [] { return ::syscall(SYS_unlinkat, AT_FDCWD, "/nowhere/a", 0); };
  const seccomp::Doing nothing, triggers{.powers = {Power::pressure_triggers}}, files{.keeps_files = true};
  for (const auto& call : {std::function<long()>(write), std::function<long()>(make)}) {
    EXPECT_EQ(ask(nothing, call), refused);
    EXPECT_EQ(ask(triggers, call), missing);
    EXPECT_EQ(ask(files, call), missing);
  }
  EXPECT_EQ(ask(nothing, read), missing);
  EXPECT_EQ(ask(nothing, open2), bad) << "it keeps links from leading out of a root";
  EXPECT_EQ(ask(triggers, open2), bad);
  EXPECT_EQ(ask(nothing, remove), refused);
  EXPECT_EQ(ask(triggers, remove), refused);
  EXPECT_EQ(ask(files, remove), missing);
}

// Root with CAP_SYS_PTRACE can open the memory of any process, but cannot seek to an address where something is mapped.
TEST_F(Seccomp, WritesToNoMemoryOfAnother) {
  if (!is_refused("lseek")) GTEST_SKIP() << "a sanitizer's build";
  static int word = 1;
  EXPECT_EQ(in_child([]() -> std::string {
              const Fd memory(::open("/proc/self/mem", O_RDWR | O_CLOEXEC));
              if (!memory) return "open";
              const int two = 2;
              const auto at = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(&word));
              if (::pwrite(memory.get(), &two, sizeof two, at) != sizeof two || word != two) return "not without it";
              if (close_doors() != "on") return "open";
              const int three = 3;
              if (::pwrite(memory.get(), &three, sizeof three, at) >= 0) return "pwrite";
              if (::lseek(memory.get(), at, SEEK_SET) >= 0) return "lseek";
              if (::write(memory.get(), &three, sizeof three) >= 0) return "write";
              return word == two ? "kept" : "changed";
            }),
            "kept");
}

TEST_F(Seccomp, AbortStillAborts) {
  EXPECT_EQ(in_child([]() -> std::string {
              if (close_doors() != "on") return "open";
              std::signal(SIGABRT, SIG_DFL);
              std::abort();
            }),
            "signal " + std::to_string(SIGABRT));
}

}  // namespace
}  // namespace vitalsd
