#include "collectors/cgroup/cgroup_connections.h"

#include <fcntl.h>

#include <array>
#include <cerrno>

#include "collectors/kit/line_windows.h"
#include "core/fd.h"

namespace vitalsd {
namespace {

using std::string_view;

constexpr std::size_t kMostBytes = 64U << 20U;  // some 400,000 sockets
constexpr auto kOfTcp = cgroup_label_names("tcp_state");
constexpr auto kOfUdp = cgroup_label_names("udp_state");

// Names and HELP texts of cAdvisor.
constexpr Family kTcp{"container_network_tcp_usage_total", Kind::gauge, "tcp connection usage statistic for container",
                      "", kOfTcp};
constexpr Family kTcp6{"container_network_tcp6_usage_total", Kind::gauge,
                       "tcp6 connection usage statistic for container", "", kOfTcp};
constexpr Family kUdp{"container_network_udp_usage_total", Kind::gauge, "udp connection usage statistic for container",
                      "", kOfUdp};
constexpr Family kUdp6{"container_network_udp6_usage_total", Kind::gauge,
                       "udp6 connection usage statistic for container", "", kOfUdp};
constexpr auto kFamilies = family_list<4>(kTcp, kTcp6, kUdp, kUdp6);

template <class Counts>
std::optional<Counts> read_file(CollectContext& context, int directory, const char* name, string_view id) {
  const Fd file(::openat(directory, name, O_RDONLY | O_CLOEXEC));
  Counts counts{};
  const auto add = [&counts](string_view lines) { return net_sockets::add(lines, counts); };
  const auto added = file ? each_window(context, file.get(), name, add, kMostBytes)
                          : Result<void>(fail(classify_errno(errno), name, errno));
  if (added) return counts;
  if (!is_gone(added.error())) context.faults.partial(id, name, added.error(), {});
  return std::nullopt;
}

void publish(Sink& sink, CgroupLabels& labels, const Family& family, const std::optional<TcpStates>& states) {
  if (!states) return;
  for (std::size_t i = 0; i < states->counts.size(); ++i) {
    sink.add(family, labels.make(sink, {{"tcp_state", TcpStates::kNames[i]}}), static_cast<double>(states->counts[i]));
  }
}

// cAdvisor takes what waits to be sent for what was received, and the other way round.
void publish(Sink& sink, CgroupLabels& labels, const Family& family, const std::optional<UdpQueues>& queues) {
  if (!queues) return;
  const std::array<std::pair<string_view, std::uint64_t>, 4> states = {{{"dropped", queues->drops},
                                                                        {"listen", queues->sockets},
                                                                        {"rxqueued", queues->rx_bytes},
                                                                        {"txqueued", queues->tx_bytes}}};
  for (const auto& [state, value] : states) {
    sink.add(family, labels.make(sink, {{"udp_state", state}}), static_cast<double>(value));
  }
}

}  // namespace

Connections read_connections(CollectContext& context, int directory, string_view id) {
  return {.tcp = read_file<TcpStates>(context, directory, "tcp", id),
          .tcp6 = read_file<TcpStates>(context, directory, "tcp6", id),
          .udp = read_file<UdpQueues>(context, directory, "udp", id),
          .udp6 = read_file<UdpQueues>(context, directory, "udp6", id)};
}

void publish_connections(Sink& sink, CgroupLabels& labels, const Connections& connections) {
  publish(sink, labels, kTcp, connections.tcp);
  publish(sink, labels, kTcp6, connections.tcp6);
  publish(sink, labels, kUdp, connections.udp);
  publish(sink, labels, kUdp6, connections.udp6);
}

std::span<const Family* const> connection_families() { return kFamilies; }

}  // namespace vitalsd
