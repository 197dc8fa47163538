// Whether the daemon may ask over netlink, which speaks of the network namespace that it is in and of no other.
#pragma once

#include <string>

namespace vitalsd {

/// Whether the files net/* of this procfs are of our own namespace, too. They are so of every real procfs, as "net" is
/// a link to "self/net": also of the host's in a container, whose network metrics are the host's with hostNetwork
/// alone. A directory of recorded files is of nobody. (What a sysfs shows is of the namespace that it was mounted in;
/// collector `netclass` compares it with what netlink says.)
bool reads_own_network(const std::string& procfs);

}  // namespace vitalsd
