// The addresses of the network devices in the daemon's own network namespace.
//   each_interface_address([](const InterfaceAddress& a) { ... a.device, a.address ... });
#pragma once

#include <sys/socket.h>

#include <functional>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// The views are valid only during the call, except `scope`, which is static.
struct InterfaceAddress {
  std::string_view device, address;
  std::string_view netmask;  ///< the prefix length, such as "24"
  std::string_view scope;    ///< "link-local", "interface-local", "global" or empty, as in node_exporter
};

/// Calls `take` for each address. Uses getifaddrs(3): one netlink exchange, which allocates and fails as a whole.
Result<void> each_interface_address(const std::function<void(const InterfaceAddress&)>& take);

/// The scope of an address of family AF_INET or AF_INET6. Loopback counts as link-local.
std::string_view scope_of(const sockaddr& address) noexcept;

}  // namespace vitalsd
