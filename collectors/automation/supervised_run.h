// One run of a command under a supervisor: a process between the daemon and the program that sees to it that nothing of
// the run is left, whatever the program does and whatever becomes of the daemon.
//   auto run = SupervisedRun::start(spec, launch); wait for run->fd(); RunOutcome outcome = run->finish();
//
// The supervisor is a fork of the daemon that executes nothing. It
// - is the subreaper of the run (PR_SET_CHILD_SUBREAPER, which would change the whole daemon if the daemon were it):
// what
//   leaves the program's process group or forks twice comes back to it, and is killed when the program has ended;
// - keeps the deadline by itself: SIGTERM for the process group, SIGKILL after the grace, so that no timer or thread of
//   the daemon is busy with a run, and none that is late makes a run longer;
// - ends the run when the daemon closes its end of the socket between them, as the kernel does when the daemon is
// killed;
// - reads the program's pipes into memory that it shares with the daemon: whoever inherited a pipe holds up nobody, and
// the
//   daemon is woken once, at the end.
// It is made by fork() and neither by posix_spawn(), which can set neither limits nor users, nor by anything that
// shares the daemon's memory until the program is executed: a program on a file system that hangs would hold the
// daemon's thread, and a process of another user would have the daemon's memory before it. Between fork and execve
// nothing is called but what signal handlers may call. The price is a copy of the daemon's page tables, some hundred
// microseconds.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/automation/command_spec.h"
#include "core/fd.h"
#include "core/result.h"

namespace vitalsd {

/// The last bytes of what a program writes to its standard error that are kept.
inline constexpr std::size_t kKeptErrors = 4096;

/// What became of a run.
struct RunOutcome {
  bool ended = false;      ///< the program ended, with `status`; else it was not started, or the supervisor was lost
  int status = 0;          ///< as waitpid() gives it
  bool timed_out = false;  ///< it was still there at the deadline
  bool too_much = false;   ///< it printed more than the limit
  bool canceled = false;   ///< the supervisor was asked to end it
  bool escaped = false;    ///< not all that it started could be killed
  std::uint32_t left = 0;  ///< processes that it had left behind, and that were killed
  int error = 0;           ///< errno of the step that failed before the program ran
  std::string_view step;   ///< that step: "execute", "user"; static
  std::chrono::nanoseconds duration{};
  std::string output, errors;
};

/// What execve(2) takes, made before the fork. Refers to the spec.
struct Launch {
  explicit Launch(const CommandSpec& spec);
  std::vector<char*> arguments, environment;
};

struct RunMemory;  ///< shared with the supervisor

class SupervisedRun {
 public:
  /// Both live as long as the run. Errors: io (no process, memory or descriptor to be had).
  static Result<std::unique_ptr<SupervisedRun>> start(const CommandSpec& spec, const Launch& launch);
  /// Asks the supervisor to end a run that is under way, and waits for nothing.
  ~SupervisedRun();
  SupervisedRun(const SupervisedRun&) = delete;
  SupervisedRun& operator=(const SupervisedRun&) = delete;

  /// Readable once the supervisor has ended.
  int fd() const noexcept { return control_.get(); }
  bool is_over() const noexcept;
  /// Wakes a supervisor that has been stopped, as a program of the same user may.
  void resume() const noexcept;
  /// Takes what became of it. Only once it is over.
  RunOutcome finish();

 private:
  SupervisedRun(Fd control, pid_t supervisor, RunMemory* memory, std::size_t size)
      : control_(std::move(control)), supervisor_(supervisor), memory_(memory), size_(size) {}

  Fd control_;
  pid_t supervisor_;  ///< 0: it was waited for
  RunMemory* memory_;
  std::size_t size_;
};

}  // namespace vitalsd
