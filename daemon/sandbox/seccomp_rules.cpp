#include "daemon/sandbox/seccomp_rules.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <sys/mman.h>
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
constexpr Condition kWhoOfOthers[] = {{1, Test::different, kSelf}, {1, Test::different, 0}};

// clone(2) may only make threads, and no namespaces.
constexpr Condition kProcess[] = {{0, Test::no_bit, CLONE_THREAD}};
constexpr Condition kNamespace[] = {
    {0, Test::any_bit,
     CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET}};

// Only stream and datagram sockets of these families, and raw ones of netlink, which the C library reads addresses by.
constexpr std::uint32_t kKind = 0xF;  // the other bits of a socket's type are flags
constexpr Condition kOtherFamily[] = {{0, Test::different, AF_UNIX},
                                      {0, Test::different, AF_INET},
                                      {0, Test::different, AF_INET6},
                                      {0, Test::different, AF_NETLINK}};
constexpr Condition kRaw4[] = {{0, Test::equal, AF_INET}, {1, Test::above, SOCK_DGRAM, kKind}};
constexpr Condition kRaw6[] = {{0, Test::equal, AF_INET6}, {1, Test::above, SOCK_DGRAM, kKind}};
constexpr Condition kOtherNetlink[] = {{0, Test::equal, AF_NETLINK},
                                       {2, Test::different, NETLINK_ROUTE},
                                       {2, Test::different, NETLINK_GENERIC},
                                       {2, Test::different, NETLINK_SOCK_DIAG},
                                       {2, Test::different, NETLINK_CONNECTOR},
                                       {2, Test::different, NETLINK_KOBJECT_UEVENT}};
static_assert(SOCK_STREAM < SOCK_DGRAM && SOCK_DGRAM < SOCK_RAW);

// Seeking is allowed only to offset 0. Writing to /proc/PID/mem of another process takes another offset, as nothing is
// mapped at 0, and a compromised daemon must not do that. The daemon reads and writes its own files from the beginning.
constexpr Condition kFarLow[] = {{1, Test::different, 0}};
constexpr Condition kFarHigh[] = {{.argument = 1, .test = Test::different, .value = 0, .high = true}};

// If the daemon writes no files, it may open them only for reading.
constexpr std::uint32_t kChanging = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
constexpr Condition kOpenAtToWrite[] = {{2, Test::any_bit, kChanging}};

// No memory may be writable and executable, and none may become executable. (The latter on x86 only: on other machines
// the loader calls mprotect(2) to mark the code of libraries as guarded.)
constexpr Condition kWritableCode[] = {{2, Test::any_bit, PROT_WRITE}, {2, Test::any_bit, PROT_EXEC}};
#ifdef SYS_open
constexpr Condition kOpenToWrite[] = {{1, Test::any_bit, kChanging}};
#endif
#ifdef __x86_64__
constexpr Condition kCode[] = {{2, Test::any_bit, PROT_EXEC}};
#endif

// ioctl(2) commands that change devices, file systems or interfaces, or type into a terminal.
constexpr std::uint32_t kCommands[] = {
    TIOCSTI,    TIOCLINUX,     TIOCCONS,     TIOCSETD,     FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FIFREEZE,
    FITHAW,     FICLONE,       FICLONERANGE, SIOCSIFFLAGS, SIOCSIFADDR,     SIOCSIFNETMASK,    SIOCSIFBRDADDR,
    SIOCSIFMTU, SIOCSIFHWADDR, SIOCSIFNAME,  SIOCADDRT,    SIOCDELRT,       SIOCSARP,          SIOCDARP,
};
constexpr auto kCommandConditions = [] {
  std::array<Condition, std::size(kCommands)> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = {1, Test::equal, kCommands[i]};
  return all;
}();

// System calls that are younger than the headers; their numbers are the same on all machines.
enum Young : std::uint32_t {
  kFchmodat2 = 452,
  kSetxattrat = 463,
  kRemovexattrat = 466,
  kOpenTreeAttr = 467,
  kFileSetattr = 469,
};

#define CALL(name) {#name, SYS_##name}
#define CALL_UNLESS(deed, call) {.name = #call, .number = SYS_##call, .unless = Deed::deed}

constexpr Rule kRules[] = {
    // Other programs, other processes.
    CALL_UNLESS(run_programs, execve),
    CALL(execveat),
    CALL(process_vm_readv),
    CALL(process_vm_writev),
    CALL(process_madvise),
    CALL(process_mrelease),
    CALL(kcmp),
    CALL(pidfd_getfd),
    CALL(migrate_pages),
    CALL(move_pages),
    {"kill", SYS_kill, kToOthers, Deed::run_programs},
    {"tgkill", SYS_tgkill, kToOthers, Deed::run_programs},
    {"rt_sigqueueinfo", SYS_rt_sigqueueinfo, kToOthers},
    {"rt_tgsigqueueinfo", SYS_rt_tgsigqueueinfo, kToOthers},
    CALL(tkill),
    CALL(pidfd_send_signal),
    {"prlimit64", SYS_prlimit64, kOfOthers},
    {"sched_setaffinity", SYS_sched_setaffinity, kOfOthers},
    {"sched_setattr", SYS_sched_setattr, kOfOthers},
    {"sched_setparam", SYS_sched_setparam, kOfOthers},
    {"sched_setscheduler", SYS_sched_setscheduler, kOfOthers},
    {"setpriority", SYS_setpriority, kWhoOfOthers},
    {"ioprio_set", SYS_ioprio_set, kWhoOfOthers},
    CALL(shmget),
    CALL(shmat),
    CALL(shmctl),
    CALL(msgget),
    CALL(msgsnd),
    CALL(msgrcv),
    CALL(msgctl),
    CALL(semget),
    CALL(semop),
    CALL(semtimedop),
    CALL(semctl),
    CALL(mq_open),
    CALL(mq_unlink),
    CALL_UNLESS(run_programs, pwrite64),
    CALL_UNLESS(run_programs, pwritev),
    CALL(pwritev2),
    CALL_UNLESS(run_programs, copy_file_range),
    CALL_UNLESS(run_programs, splice),
    CALL(io_setup),
    CALL(io_submit),
    {"clone", SYS_clone, kNamespace},
    // A filter cannot see clone3's flags, which are in memory. On ENOSYS the C library uses clone().
    {.name = "clone3", .number = SYS_clone3, .error = ENOSYS},
    CALL(setns),
    CALL(unshare),

    // Another user, more rights.
    CALL(setuid),
    CALL(setgid),
    CALL(setreuid),
    CALL(setregid),
    CALL_UNLESS(switch_users, setresuid),
    CALL_UNLESS(switch_users, setresgid),
    CALL(setfsuid),
    CALL(setfsgid),
    CALL_UNLESS(switch_users, setgroups),
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
    CALL(fchmod),
    CALL(fchmodat),
    {"fchmodat2", kFchmodat2},
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
    CALL(truncate),
    CALL_UNLESS(keep_files, mkdirat),
    CALL_UNLESS(keep_files, renameat2),
    CALL_UNLESS(keep_files, unlinkat),
    {"openat", SYS_openat, kOpenAtToWrite, Deed::write_files},
// openat2() is allowed: a filter cannot see its flags, and only it keeps links below other roots from leading out.
#ifdef SYS_renameat
    CALL_UNLESS(keep_files, renameat),
#endif
#ifdef SYS_open
    {"open", SYS_open, kOpenToWrite, Deed::write_files},
    CALL_UNLESS(keep_files, creat),
    CALL_UNLESS(keep_files, mkdir),
    CALL_UNLESS(keep_files, rename),
    CALL_UNLESS(keep_files, rmdir),
    CALL_UNLESS(keep_files, unlink),
#endif

    // The kernel and the machine.
    CALL_UNLESS(bpf, bpf),
    CALL_UNLESS(perf_events, perf_event_open),
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
    {"socket", SYS_socket, kOtherNetlink},

#ifdef SYS_kexec_file_load
    CALL(kexec_file_load),
#endif
#ifdef SYS_mknod  // newer machines have only the *at() forms of these
    CALL(mknod),
    CALL(symlink),
    CALL(link),
    CALL(chmod),
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

// Allowed in builds with sanitizers: LeakSanitizer makes a process that traces its threads, and the runtimes may map
// executable memory and seek.
constexpr Rule kUnlessSanitized[] = {
    CALL(ptrace),
    {"clone", SYS_clone, kProcess, Deed::run_programs},
#ifdef SYS_mmap
    {"mmap", SYS_mmap, kWritableCode, Deed::run_programs},
#endif
    {"lseek", SYS_lseek, kFarLow, Deed::seek},
    {"lseek", SYS_lseek, kFarHigh, Deed::seek},
#ifdef __x86_64__
    {"mprotect", SYS_mprotect, kCode, Deed::run_programs},
    {"pkey_mprotect", SYS_pkey_mprotect, kCode, Deed::run_programs},
#endif
#ifdef SYS_fork
    CALL_UNLESS(run_programs, fork),
    CALL_UNLESS(run_programs, vfork),
#endif
};

#undef CALL
#undef CALL_UNLESS

constexpr auto kAll = [] {
  std::array<Rule, std::size(kRules) + std::size(kCommands) + (kSanitized ? 0 : std::size(kUnlessSanitized))> all{};
  auto* out = all.data();
  for (const Rule& rule : kRules) *out++ = rule;
  for (const Condition& condition : kCommandConditions) *out++ = {"ioctl", SYS_ioctl, {&condition, 1}};
  if constexpr (!kSanitized) {
    for (const Rule& rule : kUnlessSanitized) *out++ = rule;
  }
  return all;
}();

}  // namespace

std::span<const Rule> rules() { return kAll; }

}  // namespace vitalsd::seccomp
