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
  bool keeps_files = false;  ///< it has a state directory, listens on sockets that are files, or its commands write
  /// Pressure triggers are files that are written to, too, and /dev/null is one to the commands that are run.
  bool writes_files() const {
    return keeps_files || powers.has(Power::pressure_triggers) || powers.has(Power::cgroup_triggers) ||
           powers.has(Power::run_programs);
  }
};

/// The filter for a process that does no more than this, and sends signals to `self` alone. Empty on machines whose
/// calls are not known here.
std::vector<sock_filter> program_for(const Doing& doing, pid_t self);

/// For all threads of the process, which must not gain privileges any more. "on", or why not.
std::string install(const std::vector<sock_filter>& program);

/// The names of the calls that are refused in some case at least.
std::vector<std::string_view> refused();

}  // namespace vitalsd::seccomp
