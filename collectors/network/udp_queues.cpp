#include <array>

#include "collectors/formats/net_sockets.h"
#include "collectors/kit/line_windows.h"
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
};
constexpr std::array kSources = {Source{"net/udp", "v4"}, Source{"net/udp6", "v6"}};

class UdpQueuesCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    bool any = false;
    for (const auto& [path, ip] : kSources) {
      const auto opened = context.host.procfs->open(path);
      if (!opened && opened.error().code == Errc::unavailable) continue;  // a kernel without IPv4, or without IPv6
      if (!opened) return fail(opened.error());
      const Fd file(*opened);
      UdpQueues queues;
      const auto read = each_window(context, file.get(), path,
                                    [&queues](std::string_view lines) { return net_sockets::add(lines, queues); });
      if (!read) return read;
      any = true;
      sink.add(kQueues, {"tx", ip}, static_cast<double>(queues.tx_bytes));
      sink.add(kQueues, {"rx", ip}, static_cast<double>(queues.rx_bytes));
    }
    if (!any) return fail(Errc::unavailable, "net/udp");
    return {};
  }
};

// The kernel walks its table of sockets under their locks, and there may be many: that is not for the loop.
const Registration kRegistration{{.name = "udp_queues",
                                  .help = "Bytes that wait in the queues of UDP sockets.",
                                  .families = kFamilies,
                                  .make = make_collector<UdpQueuesCollector>}};

}  // namespace
}  // namespace vitalsd
