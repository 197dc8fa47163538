#include "collectors/automation/supervised_run.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>

#include "collectors/automation/run_memory.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 8> kStepNames = {"",       "preparation", "fork",      "nice",
                                                        "limits", "user",        "directory", "execute"};

// Blocks all signals of this thread: a handler of the daemon must not run in the process that is made.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

void wait_for(pid_t process) {
  while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Launch::Launch(const CommandSpec& spec)
    : arguments(pointers_to(spec.arguments)), environment(pointers_to(spec.environment)) {}

Result<std::unique_ptr<SupervisedRun>> SupervisedRun::start(const CommandSpec& spec, const Launch& launch) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return fail(Errc::io, "socketpair", errno);
  Fd ours(ends[0]);
  const Fd theirs(ends[1]);
  const std::size_t size = sizeof(RunMemory) + spec.output_limit;
  void* const mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return fail(Errc::io, "mmap", errno);
  auto* const memory = static_cast<RunMemory*>(mapped);  // as the kernel gives it: zeros
  memory->output_limit = spec.output_limit;
  pid_t supervisor = 0;
  int error = 0;
  {
    const SignalsBlocked blocked;
    supervisor = ::fork();
    error = errno;
    if (supervisor == 0) supervise(spec, launch, *memory, theirs.get());
  }
  if (supervisor < 0) {
    ::munmap(mapped, size);
    return fail(Errc::io, "fork", error);
  }
  return std::unique_ptr<SupervisedRun>(new SupervisedRun(std::move(ours), supervisor, memory, size));
}

SupervisedRun::~SupervisedRun() {
  control_.reset();  // which asks the supervisor to end the run
  resume();
  if (supervisor_ > 0) {
    // It is gone after the grace at the latest. Whoever destroys this may be the loop, which cannot wait, and nobody
    // else would.
    try {
      std::thread(wait_for, supervisor_).detach();
    } catch (const std::system_error&) {
      (void)::waitpid(supervisor_, nullptr, WNOHANG);
    }
  }
  ::munmap(memory_, size_);
}

bool SupervisedRun::is_over() const noexcept {
  pollfd polled{.fd = control_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&polled, 1, 0) == 1;
}

void SupervisedRun::resume() const noexcept {
  if (supervisor_ > 0) (void)::kill(supervisor_, SIGCONT);
}

RunOutcome SupervisedRun::finish() {
  wait_for(supervisor_);  // it has closed its end of the socket, so that it is about to be gone
  supervisor_ = 0;
  control_.reset();
  RunOutcome outcome;
  outcome.ended = memory_->ended;
  outcome.status = memory_->status;
  outcome.timed_out = memory_->timed_out;
  outcome.too_much = memory_->too_much;
  outcome.canceled = memory_->canceled;
  outcome.escaped = memory_->escaped;
  outcome.left = memory_->left;
  outcome.error = memory_->error;
  outcome.step = kStepNames[static_cast<std::size_t>(memory_->step)];
  outcome.duration = std::chrono::nanoseconds(memory_->nanoseconds);
  outcome.output.assign(memory_->output(), memory_->output_size);
  const std::uint64_t kept = std::min<std::uint64_t>(memory_->error_count, kKeptErrors);
  for (std::uint64_t i = memory_->error_count - kept; i < memory_->error_count; ++i) {
    outcome.errors += memory_->errors[i % kKeptErrors];
  }
  return outcome;
}

}  // namespace vitalsd
