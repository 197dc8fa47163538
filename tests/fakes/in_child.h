// Runs a function in a forked process, which may drop what the test program needs.
//   EXPECT_EQ(in_child([]() -> std::string { return give_up() ? "" : "kept"; }), "");
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <functional>
#include <string>

#include "core/fd.h"

namespace vitalsd {

/// The text that the function returned, or how the child ended: "signal 6".
inline std::string in_child(const std::function<std::string()>& run) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string text = run();
    ::_exit(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  const Fd from(ends[0]);
  std::string text;
  char part[4096];
  for (ssize_t got = 0; (got = ::read(from.get(), part, sizeof part)) > 0;)
    text.append(part, static_cast<std::size_t>(got));
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) : text;
}

/// Both texts. Calls `first` first, which the operands of + do not guarantee.
inline std::string then(const std::function<std::string()>& first, const std::function<std::string()>& second) {
  const std::string text = first();
  return text + " " + second();
}

/// The errno of a failed call, or 0.
inline int error_of(long result) { return result < 0 ? errno : 0; }

}  // namespace vitalsd
