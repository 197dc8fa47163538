#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

#include "collectors/formats/net/net_sockets.h"
#include "collectors/formats/netlink/socket_diag.h"
#include "collectors/kit/line_windows.h"
#include "collectors/kit/netlink_run.h"
#include "core/collector.h"
#include "core/fd.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 2> kLabels = {"queue", "ip"};
constexpr Family kQueues{"node_udp_queues", Kind::gauge,
                         "Number of allocated memory in the kernel for UDP datagrams in bytes.", "", kLabels};
constexpr auto kFamilies = family_list<1>(kQueues);

struct Source {
  std::string_view path, ip;
  int family;
};
constexpr std::array kSources = {Source{"net/udp", "v4", AF_INET}, Source{"net/udp6", "v6", AF_INET6}};

class UdpQueuesCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    bool any = false;
    for (const auto& [path, ip, family] : kSources) {
      const auto opened = context.host.procfs->open(path);
      if (!opened && opened.error().code == Errc::unavailable) continue;  // a kernel without IPv4, or without IPv6
      if (!opened) return fail(opened.error());
      const Fd file(*opened);
      const auto queues = count(context, file.get(), path, family);
      if (!queues) return fail(queues.error());
      any = true;
      sink.add(kQueues, {"tx", ip}, static_cast<double>(queues->tx_bytes));
      sink.add(kQueues, {"rx", ip}, static_cast<double>(queues->rx_bytes));
    }
    if (!any) return fail(Errc::unavailable, "net/udp");
    return {};
  }

 private:
  /// The file is open in any case: whether it is there says whether the kernel has the protocol.
  static Result<UdpQueues> count(CollectContext& context, int file, std::string_view path, int family) {
    UdpQueues queues;
    if (NetlinkSource* const netlink = netlink_of(context); netlink != nullptr) {
      const auto asked = netlink->stream(
          socket_diag::request(family, IPPROTO_UDP), [&queues] { queues = {}; },
          [&queues](const NetlinkMessage& message) { return socket_diag::add(message, queues); });
      if (asked) return queues;
      if (asked.error().code != Errc::unavailable) return fail(asked.error());
      queues = {};
    }
    const auto read =
        each_window(context, file, path, [&queues](std::string_view lines) { return net_sockets::add(lines, queues); });
    if (!read) return fail(read.error());
    return queues;
  }
};

// The kernel walks its table of sockets under their locks, and there may be many: that is not for the loop.
const Registration kRegistration{{.name = "udp_queues",
                                  .help = "Bytes that wait in the queues of UDP sockets.",
                                  .families = kFamilies,
                                  .make = make_collector<UdpQueuesCollector>}};

}  // namespace
}  // namespace vitalsd
