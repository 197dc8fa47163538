// Whether the files that the daemon is told to read are of the network namespace that it is in itself: only then may it
// ask over netlink, which speaks of no other.
#pragma once

#include <string>

#include "daemon/config/config.h"

namespace vitalsd {

/// The files of a procfs below net/ are always of the reader's namespace, those of a sysfs of the one it was mounted
/// in. /proc and /sys themselves count as our own. With others (a host's, mounted into a container) the answer is yes
/// if the procfs is one, and its first process is in our network namespace, as in a pod with hostNetwork. That takes
/// the right to look at other processes (CAP_SYS_PTRACE); where it cannot be seen, the files are read. `own` is where
/// the daemon's own namespaces lie.
bool reads_own_network(const Config::Paths& paths, const std::string& own = "/proc/self/ns/net");

}  // namespace vitalsd
