// What a command's process does between fork and execve. It is the child of a process that was forked from a threaded
// one: nothing here may allocate, lock or throw.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "collectors/automation/run_memory.h"

namespace vitalsd {
namespace {

constexpr rlim_t kUsualDescriptors = 1024;  // the daemon's own limit is raised; older programs count on this one

bool set_limit(int resource, rlim_t value) noexcept {
  const rlimit limit{value, value};
  return ::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) == 0;
}

bool set_limits(const CommandSpec& spec) noexcept {
  if (rlimit files{}; ::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = std::min(files.rlim_max, kUsualDescriptors);
    (void)::setrlimit(RLIMIT_NOFILE, &files);
  }
  for (const auto& [resource, value] : spec.limits) {
    if (!set_limit(resource, value)) return false;
  }
  return true;
}

// By the calls themselves: the C library's functions would look for threads that this process does not have.
bool become(const CommandUser& user) noexcept {
  if (::geteuid() == user.uid && ::getuid() == user.uid && ::getegid() == user.gid && ::getgid() == user.gid) {
    return true;
  }
  return ::syscall(SYS_setgroups, 0, nullptr) == 0 && ::syscall(SYS_setresgid, user.gid, user.gid, user.gid) == 0 &&
         ::syscall(SYS_setresuid, user.uid, user.uid, user.uid) == 0;
}

void fail_at(RunMemory& memory, LaunchStep step) noexcept {
  memory.step = step;
  memory.error = errno;
}

}  // namespace

void launch_program(const CommandSpec& spec, const Launch& launch, RunMemory& memory, int output, int errors,
                    pid_t supervisor) noexcept {
  ::setsid();
  if (spec.nice != 0 && ::setpriority(PRIO_PROCESS, 0, spec.nice) != 0) return fail_at(memory, LaunchStep::nice);
  ::umask(spec.umask);
  if (!set_limits(spec)) return fail_at(memory, LaunchStep::limits);
  if (spec.user && !become(*spec.user)) return fail_at(memory, LaunchStep::user);
  // A change of the user takes it back, so that it comes after.
  (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != supervisor) return fail_at(memory, LaunchStep::prepare);
  if (::chdir(spec.directory.c_str()) != 0) return fail_at(memory, LaunchStep::directory);
  if (::dup2(output, STDOUT_FILENO) < 0 || ::dup2(errors, STDERR_FILENO) < 0) {
    return fail_at(memory, LaunchStep::prepare);
  }
  ::closefrom(STDERR_FILENO + 1);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(launch.arguments[0], launch.arguments.data(), launch.environment.data());
  fail_at(memory, LaunchStep::execute);
}

}  // namespace vitalsd
