// A real process that has done its work and is stopped, so that none of its counters changes.
//   const FrozenProcess child("name", [] { use_memory(); }); read(child.pid());
#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>

namespace vitalsd {

/// Forks, sets the name, does `work`, and stops. With `program` it executes that (`sleep` is found by PATH) and is
/// stopped then.
class FrozenProcess {
 public:
  explicit FrozenProcess(const std::string& comm, const std::function<void()>& work, const char* program = nullptr) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::prctl(PR_SET_NAME, comm.c_str());
      work();
      if (program == nullptr) ::raise(SIGSTOP);
      if (program != nullptr) ::execlp(program, program, "1000", nullptr);
      for (;;) ::pause();
    }
    ::close(ends[1]);
    char none;
    if (program != nullptr) {
      (void)!::read(ends[0], &none, 1);  // end of file: exec has closed the other end
      ::kill(pid_, SIGSTOP);
    }
    ::close(ends[0]);
    int status = 0;
    if (::waitpid(pid_, &status, WUNTRACED) != pid_ || !WIFSTOPPED(status)) std::abort();
  }
  FrozenProcess(const FrozenProcess&) = delete;
  FrozenProcess& operator=(const FrozenProcess&) = delete;
  ~FrozenProcess() {
    kill();
    reap();
  }
  void kill() const {
    if (!reaped_) ::kill(pid_, SIGKILL);
  }
  void reap() {
    if (!reaped_) ::waitpid(pid_, nullptr, 0);
    reaped_ = true;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  bool reaped_ = false;
};

}  // namespace vitalsd
