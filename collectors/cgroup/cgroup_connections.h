// TCP connections by state and UDP queues of one network namespace, with cAdvisor's families.
//   const auto all = read_connections(context, directory_of_net, id); publish_connections(sink, labels, all);
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "collectors/cgroup/cgroup_families.h"
#include "collectors/formats/net/net_sockets.h"
#include "core/collector.h"

namespace vitalsd {

/// What could not be read, and what the kernel does not have (IPv6, say), is absent.
struct Connections {
  std::optional<TcpStates> tcp, tcp6;
  std::optional<UdpQueues> udp, udp6;
};

/// Reads the four files of an open /proc/PID/net, a line for each socket, which takes the kernel about 2 µs. What
/// cannot be read is told to `context.faults` as of `id`.
Connections read_connections(CollectContext& context, int directory, std::string_view id);
/// With the labels that were set, of the cgroup.
void publish_connections(Sink& sink, CgroupLabels& labels, const Connections& connections);
std::span<const Family* const> connection_families();

}  // namespace vitalsd
