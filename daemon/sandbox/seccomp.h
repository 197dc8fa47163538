// Refuses the system calls that the daemon never makes (seccomp(2)), with EPERM.
//   seccomp::install(seccomp::program_for(Powers{Power::bpf}, ::getpid()))
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/powers.h"

namespace vitalsd::seccomp {

/// The filter for a process with these powers, which may send signals to `self` alone. Empty on machines whose calls
/// are not known here.
std::vector<sock_filter> program_for(Powers powers, pid_t self);

/// For all threads of the process, which must not gain privileges any more. "on", or why not.
std::string install(const std::vector<sock_filter>& program);

/// The names of the calls that are refused in some case at least.
std::vector<std::string_view> refused();

}  // namespace vitalsd::seccomp
