// The supervisor of one run, see supervised_run.h. It was forked from a threaded process: nothing here may allocate,
// lock or throw.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "collectors/automation/run_memory.h"

namespace vitalsd {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int kControl = 3;               // behind the three standard descriptors
constexpr auto kLongestKilling = 1000ms;  // of what the program left behind; who forks faster than that escapes

class Supervisor {
 public:
  Supervisor(const CommandSpec& spec, const Launch& launch, RunMemory& memory) noexcept
      : spec_(spec), launch_(launch), memory_(memory) {}

  void run(int control) noexcept {
    ::setsid();
    (void)::prctl(PR_SET_NAME, "vitalsd-exec");
    (void)::prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    if (!take_descriptors(control)) return fail_at(LaunchStep::prepare);
    const Clock::time_point begin = Clock::now();
    const pid_t self = ::getpid();
    program_ = ::fork();
    if (program_ < 0) return fail_at(LaunchStep::fork);
    if (program_ == 0) {
      launch_program(spec_, launch_, memory_, output_[1], errors_[1], self);
      ::_exit(127);
    }
    ::close(output_[1]);
    ::close(errors_[1]);
    stage_end_ = begin + spec_.timeout;
    while (!has_ended()) wait();
    memory_.nanoseconds = (Clock::now() - begin).count();
    stage_ = Stage::killed;
    ::kill(-program_, SIGKILL);  // the number is its group's as long as it was not waited for
    memory_.ended = ::waitpid(program_, &memory_.status, 0) == program_ && memory_.step == LaunchStep::none;
    kill_rest();
    read_output();
    read_errors();
  }

 private:
  enum class Stage : std::uint8_t { running, asked, killed };

  void fail_at(LaunchStep step) noexcept {
    memory_.step = step;
    memory_.error = errno;
  }

  // Nothing of the daemon's stays open here: neither its sockets nor its files.
  bool take_descriptors(int control) noexcept {
    (void)::prctl(PR_SET_PDEATHSIG, SIGCONT);  // a program may have stopped us: we are to see that the daemon is gone
    const int kept = ::fcntl(control, F_DUPFD_CLOEXEC, kControl + 1);
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (kept < 0 || null < 0) return false;
    for (int standard = 0; standard < kControl; ++standard) {
      if (standard != null && ::dup2(null, standard) < 0) return false;
    }
    if (null < kControl) ::fcntl(null, F_SETFD, 0);
    if (::dup3(kept, kControl, O_CLOEXEC) < 0) return false;
    ::closefrom(kControl + 1);
    sigset_t watched;
    ::sigemptyset(&watched);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT}) ::sigaddset(&watched, number);
    signals_ = ::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals_ < 0 || ::pipe2(output_, O_CLOEXEC) != 0 || ::pipe2(errors_, O_CLOEXEC) != 0) return false;
    return ::fcntl(output_[0], F_SETFL, O_NONBLOCK) == 0 && ::fcntl(errors_[0], F_SETFL, O_NONBLOCK) == 0;
  }

  bool has_ended() const noexcept {
    siginfo_t info{};
    const int result = ::waitid(P_PID, static_cast<id_t>(program_), &info, WEXITED | WNOHANG | WNOWAIT);
    return result != 0 || info.si_pid == program_;
  }

  void wait() noexcept {
    pollfd polled[] = {{daemon_is_there_ ? kControl : -1, POLLIN, 0},
                       {signals_, POLLIN, 0},
                       {output_open_ ? output_[0] : -1, POLLIN, 0},
                       {errors_open_ ? errors_[0] : -1, POLLIN, 0}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(stage_end_ - Clock::now()).count();
    const int patience = stage_ == Stage::killed ? -1 : static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
    if (::poll(polled, std::size(polled), patience) > 0) {
      if (polled[1].revents != 0) take_signals();
      if (polled[2].revents != 0) output_open_ = read_output();
      if (polled[3].revents != 0) errors_open_ = read_errors();
      if (polled[0].revents != 0) {
        daemon_is_there_ = false;
        cancel();
      }
    }
    if (stage_ == Stage::killed || Clock::now() < stage_end_ || has_ended()) return;
    if (stage_ == Stage::running) memory_.timed_out = true;
    stage_ == Stage::running ? ask() : kill_now();
  }

  void take_signals() noexcept {
    signalfd_siginfo info{};
    while (::read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      if (info.ssi_signo != SIGCHLD) cancel();
    }
  }

  void cancel() noexcept {
    memory_.canceled = true;
    if (stage_ == Stage::running) ask();
  }

  // Its group; and itself, as long as it has none of its own.
  void signal_program(int number) const noexcept {
    if (::kill(-program_, number) != 0) ::kill(program_, number);
  }
  void ask() noexcept {
    signal_program(SIGTERM);
    stage_ = Stage::asked;
    stage_end_ = Clock::now() + spec_.grace;
  }
  void kill_now() noexcept {
    signal_program(SIGKILL);
    stage_ = Stage::killed;
  }

  // Whether there may be more.
  bool read_output() noexcept {
    for (;;) {
      char one_more = 0;
      const std::uint64_t room = memory_.output_limit - memory_.output_size;
      const ssize_t got = room > 0 ? ::read(output_[0], memory_.output() + memory_.output_size, room)
                                   : ::read(output_[0], &one_more, 1);
      if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
      if (room > 0) {
        memory_.output_size += static_cast<std::uint64_t>(got);
        continue;
      }
      memory_.too_much = true;
      if (stage_ != Stage::killed) kill_now();
      return false;
    }
  }
  bool read_errors() noexcept {
    char part[kKeptErrors];
    for (int parts = 0; parts < 16; ++parts) {  // who writes without end does not keep us from the deadline
      const ssize_t got = ::read(errors_[0], part, sizeof part);
      if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
      for (ssize_t i = 0; i < got; ++i) memory_.errors[memory_.error_count++ % kKeptErrors] = part[i];
    }
    return true;
  }

  // What has come to us as orphans is ours alone to wait for, so that their numbers mean them until we do.
  void kill_rest() noexcept {
    const Clock::time_point end = Clock::now() + kLongestKilling;
    for (bool first = true;; first = false) {
      pid_t reaped = 0;
      while ((reaped = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
      }
      if (reaped < 0) return;  // there are none
      const std::uint32_t killed = kill_children();
      if (first) memory_.left = killed;
      if (Clock::now() > end) break;
      (void)::poll(nullptr, 0, 1);
    }
    memory_.escaped = true;
  }
  static std::uint32_t kill_children() noexcept {
    const int list = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (list < 0) return 0;
    char text[4096];
    const ssize_t got = ::read(list, text, sizeof text);
    ::close(list);
    std::uint32_t killed = 0;
    pid_t pid = 0;
    for (ssize_t i = 0; i < got; ++i) {
      if (text[i] >= '0' && text[i] <= '9') {
        pid = pid * 10 + (text[i] - '0');
      } else if (pid > 0) {  // one that was cut off at the end comes the next time
        if (is_child(pid) && ::kill(pid, SIGKILL) == 0) ++killed;
        pid = 0;
      }
    }
    return killed;
  }
  // A /proc of another pid namespace would speak of others.
  static bool is_child(pid_t pid) noexcept {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
  }

  const CommandSpec& spec_;
  const Launch& launch_;
  RunMemory& memory_;
  int signals_ = -1, output_[2] = {-1, -1}, errors_[2] = {-1, -1};
  bool daemon_is_there_ = true, output_open_ = true, errors_open_ = true;
  pid_t program_ = -1;
  Stage stage_ = Stage::running;
  Clock::time_point stage_end_;
};

}  // namespace

void supervise(const CommandSpec& spec, const Launch& launch, RunMemory& memory, int control) noexcept {
  Supervisor(spec, launch, memory).run(control);
  ::_exit(0);
}

}  // namespace vitalsd
