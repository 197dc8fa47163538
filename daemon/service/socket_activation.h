// The sockets that the service manager passed to this process: LISTEN_PID and LISTEN_FDS of sd_listen_fds(3).
#pragma once

#include <map>
#include <string>
#include <vector>

namespace vitalsd {

/// Descriptors 3 and up, as many as LISTEN_FDS says, if LISTEN_PID is this process; each is made close-on-exec.
/// Those that are not open are left out. At most 64.
std::vector<int> inherited_sockets(const std::map<std::string, std::string, std::less<>>& environment);

}  // namespace vitalsd
