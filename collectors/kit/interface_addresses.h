// The addresses of the network devices in the daemon's own network namespace.
//   each_interface_address([](const InterfaceAddress& a) { ... a.device, a.address ... });
#pragma once

#include <sys/socket.h>

#include <functional>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// Views of the call alone, but for `scope`, which is static.
struct InterfaceAddress {
  std::string_view device, address;
  std::string_view netmask;  ///< the length of the prefix, "24"
  std::string_view scope;    ///< "link-local", "interface-local", "global" or empty, as node_exporter says
};

/// One netlink conversation, through getifaddrs(3), which allocates; what cannot be had fails as a whole.
Result<void> each_interface_address(const std::function<void(const InterfaceAddress&)>& take);

/// The word for an address of the families AF_INET and AF_INET6; loopback counts as link-local.
std::string_view scope_of(const sockaddr& address) noexcept;

}  // namespace vitalsd
