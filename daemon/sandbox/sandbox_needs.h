// What the daemon itself needs besides its collectors: the files that it reads again, the directories that it writes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/powers.h"
#include "daemon/config/config.h"
#include "daemon/sandbox/landlock.h"

namespace vitalsd {

/// What the enabled collectors ask for, by their names.
using Needs = std::map<std::string, Powers>;

/// Where it makes and removes files, the state directory, those of its Unix sockets and of its commands, and what these
/// powers write.
std::vector<landlock::Writable> writable_of(const Config& config, Powers powers);

/// Below which directory a power writes to files of the kernel; empty: nowhere.
std::string written_by(Power power, const Config::Paths& paths);

/// Where commands (collectors.exec) may write.
std::vector<std::string> command_directories(const Config& config);

/// The directories of the Unix sockets that it listens on.
std::vector<std::string> socket_directories(const Config& config);

/// The capabilities without which it could not read these files of its configuration again, or not write where it has
/// to. Asks the kernel, with nothing effective; where that cannot be asked, they are needed.
Capabilities own_capabilities(const Config& config, const std::vector<std::string>& files);

/// What these powers take on the kernel that runs.
Capabilities capabilities_of(Powers powers);

}  // namespace vitalsd
