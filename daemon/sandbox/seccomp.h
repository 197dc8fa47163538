// Refuses the system calls that the daemon never makes (seccomp(2)), with EPERM.
//   seccomp::install(seccomp::program_for({.powers = {Power::bpf}, .keeps_files = true}, ::getpid()))
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/powers.h"

namespace vitalsd::seccomp {

struct Doing {
  Powers powers = {};
  bool keeps_files = false;  ///< there is a state directory, a Unix socket to listen on, or a command that writes
  /// Arming a pressure trigger writes to a file, too, and commands write to /dev/null.
  bool writes_files() const {
    return keeps_files || powers.has(Power::pressure_triggers) || powers.has(Power::cgroup_triggers) ||
           powers.has(Power::run_programs);
  }
};

/// The filter for a process that does only `doing` and sends signals only to `self`. Empty on machines whose numbers of
/// system calls are not known here.
std::vector<sock_filter> program_for(const Doing& doing, pid_t self);

/// Installs the filter for all threads of the process; no_new_privs must be set. Returns "on", or why it failed.
std::string install(const std::vector<sock_filter>& program);

/// The names of the system calls that are refused always or in some cases.
std::vector<std::string_view> refused();

}  // namespace vitalsd::seccomp
