#include "daemon/sandbox/seccomp_rules.h"

#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>

namespace vitalsd::seccomp {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

constexpr Condition kToOthers[] = {{0, Test::different, kSelf}};
constexpr Condition kOfOthers[] = {{0, Test::different, kSelf}, {0, Test::different, 0}};

// Threads alone, in the namespaces that we are in.
constexpr Condition kProcess[] = {{0, Test::no_bit, CLONE_THREAD}};
constexpr Condition kNamespace[] = {
    {0, Test::any_bit,
     CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET}};

// Streams and datagrams of these families; the C library asks netlink for addresses with what it calls a raw socket.
constexpr std::uint32_t kKind = 0xF;  // the rest of a socket's type are flags
constexpr Condition kOtherFamily[] = {{0, Test::different, AF_UNIX},
                                      {0, Test::different, AF_INET},
                                      {0, Test::different, AF_INET6},
                                      {0, Test::different, AF_NETLINK}};
constexpr Condition kRaw4[] = {{0, Test::equal, AF_INET}, {1, Test::above, SOCK_DGRAM, kKind}};
constexpr Condition kRaw6[] = {{0, Test::equal, AF_INET6}, {1, Test::above, SOCK_DGRAM, kKind}};
static_assert(SOCK_STREAM < SOCK_DGRAM && SOCK_DGRAM < SOCK_RAW);

// Calls younger than the headers, whose numbers are the same everywhere.
enum Young : std::uint32_t { kSetxattrat = 463, kRemovexattrat = 466, kOpenTreeAttr = 467, kFileSetattr = 469 };

#define CALL(name) {#name, SYS_##name}

constexpr Rule kRules[] = {
    // Other programs, other processes.
    CALL(execve),
    CALL(execveat),
    CALL(process_vm_readv),
    CALL(process_vm_writev),
    CALL(process_madvise),
    CALL(process_mrelease),
    CALL(kcmp),
    CALL(pidfd_getfd),
    CALL(migrate_pages),
    CALL(move_pages),
    {"kill", SYS_kill, kToOthers},
    {"tgkill", SYS_tgkill, kToOthers},
    {"rt_sigqueueinfo", SYS_rt_sigqueueinfo, kToOthers},
    {"rt_tgsigqueueinfo", SYS_rt_tgsigqueueinfo, kToOthers},
    CALL(tkill),
    CALL(pidfd_send_signal),
    {"prlimit64", SYS_prlimit64, kOfOthers},
    {"clone", SYS_clone, kNamespace},
    // Its flags lie in memory, where no filter sees them: the C library takes clone() then.
    {.name = "clone3", .number = SYS_clone3, .error = ENOSYS},
    CALL(setns),
    CALL(unshare),

    // Another user, more rights.
    CALL(setuid),
    CALL(setgid),
    CALL(setreuid),
    CALL(setregid),
    CALL(setresuid),
    CALL(setresgid),
    CALL(setfsuid),
    CALL(setfsgid),
    CALL(setgroups),
    CALL(capset),
    CALL(personality),
    CALL(add_key),
    CALL(request_key),
    CALL(keyctl),

    // The tree of files, and what belongs to whom in it.
    CALL(mount),
    CALL(umount2),
    CALL(mount_setattr),
    CALL(move_mount),
    CALL(open_tree),
    {"open_tree_attr", kOpenTreeAttr},
    CALL(fsopen),
    CALL(fsconfig),
    CALL(fsmount),
    CALL(fspick),
    CALL(pivot_root),
    CALL(chroot),
    CALL(swapon),
    CALL(swapoff),
    CALL(quotactl),
    CALL(quotactl_fd),
    CALL(nfsservctl),
    CALL(mknodat),
    CALL(symlinkat),
    CALL(linkat),
    CALL(fchown),
    CALL(fchownat),
    CALL(setxattr),
    CALL(lsetxattr),
    CALL(fsetxattr),
    {"setxattrat", kSetxattrat},
    CALL(removexattr),
    CALL(lremovexattr),
    CALL(fremovexattr),
    {"removexattrat", kRemovexattrat},
    {"file_setattr", kFileSetattr},
    CALL(utimensat),
    CALL(name_to_handle_at),
    CALL(open_by_handle_at),
    CALL(fanotify_init),

    // The kernel and the machine.
    {.name = "bpf", .number = SYS_bpf, .unless = Power::bpf},
    CALL(perf_event_open),
    CALL(userfaultfd),
    CALL(io_uring_setup),
    CALL(io_uring_enter),
    CALL(io_uring_register),
    CALL(init_module),
    CALL(finit_module),
    CALL(delete_module),
    CALL(kexec_load),
    CALL(reboot),
    CALL(syslog),
    CALL(acct),
    CALL(vhangup),
    CALL(settimeofday),
    CALL(clock_settime),
    CALL(sethostname),
    CALL(setdomainname),

    // Networks as they are on the wire.
    {"socket", SYS_socket, kOtherFamily},
    {"socket", SYS_socket, kRaw4},
    {"socket", SYS_socket, kRaw6},

#ifdef SYS_kexec_file_load
    CALL(kexec_file_load),
#endif
#ifdef SYS_mknod  // those that newer machines have in another form alone
    CALL(mknod),
    CALL(symlink),
    CALL(link),
    CALL(chown),
    CALL(lchown),
    CALL(utime),
    CALL(utimes),
    CALL(futimesat),
    CALL(uselib),
    CALL(ustat),
#endif
#ifdef SYS_iopl
    CALL(iopl),
    CALL(ioperm),
    CALL(modify_ldt),
#endif
};

// LeakSanitizer looks at its own threads from a process that it makes for that.
constexpr Rule kUnlessSanitized[] = {
    CALL(ptrace),
    {"clone", SYS_clone, kProcess},
#ifdef SYS_fork
    CALL(fork),
    CALL(vfork),
#endif
};

#undef CALL

constexpr auto kAll = [] {
  std::array<Rule, std::size(kRules) + (kSanitized ? 0 : std::size(kUnlessSanitized))> all{};
  auto* out = all.data();
  for (const Rule& rule : kRules) *out++ = rule;
  if constexpr (!kSanitized) {
    for (const Rule& rule : kUnlessSanitized) *out++ = rule;
  }
  return all;
}();

}  // namespace

std::span<const Rule> rules() { return kAll; }

}  // namespace vitalsd::seccomp
