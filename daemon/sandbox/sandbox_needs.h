// What the daemon itself needs besides its collectors: files to read again, and directories to write to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/powers.h"
#include "daemon/config/config.h"
#include "daemon/sandbox/landlock.h"

namespace vitalsd {

/// The powers that each enabled collector needs, by its name.
using Needs = std::map<std::string, Powers>;

/// The directories that may be written to: the state directory, those of Unix sockets and of commands, and those of
/// `powers`.
std::vector<landlock::Writable> writable_of(const Config& config, Powers powers);

/// The directory below which `power` writes to files of the kernel; empty: none.
std::string written_by(Power power, const Config::Paths& paths);

/// The directories that commands (collectors.exec) may write to.
std::vector<std::string> command_directories(const Config& config);

/// The directories of the Unix sockets that the daemon listens on.
std::vector<std::string> socket_directories(const Config& config);

/// The capabilities without which the daemon could not read `files` of its configuration again, or not write where it
/// must. Asks the kernel while no capability is effective; if that fails, takes them for needed.
Capabilities own_capabilities(const Config& config, const std::vector<std::string>& files);

/// The capabilities that `powers` need on the running kernel.
Capabilities capabilities_of(Powers powers);

}  // namespace vitalsd
