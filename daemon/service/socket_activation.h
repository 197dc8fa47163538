// Finds the sockets that the service manager passed to this process (LISTEN_PID and LISTEN_FDS, sd_listen_fds(3)).
#pragma once

#include <map>
#include <string>
#include <vector>

namespace vitalsd {

/// Returns LISTEN_FDS descriptors from 3 on, at most 64, if LISTEN_PID is this process. Makes each close-on-exec and
/// leaves out those that are not open.
std::vector<int> inherited_sockets(const std::map<std::string, std::string, std::less<>>& environment);

}  // namespace vitalsd
