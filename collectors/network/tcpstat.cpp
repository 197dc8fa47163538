#include <array>

#include "collectors/formats/net_sockets.h"
#include "collectors/kit/line_windows.h"
#include "core/collector.h"
#include "core/fd.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"state"};
constexpr Family kStates{"node_tcp_connection_states", Kind::gauge, "Number of connection states.", "", kLabels};
constexpr auto kFamilies = family_list<1>(kStates);

// node_exporter's words, in the kernel's order.
constexpr std::array<std::string_view, TcpStates::kNames.size()> kWords = {
    "established", "syn_sent",   "syn_recv", "fin_wait1", "fin_wait2", "time_wait",
    "close",       "close_wait", "last_ack", "listen",    "closing"};

class TcpstatCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    TcpSockets sockets;
    bool any = false;
    for (const std::string_view path : {"net/tcp", "net/tcp6"}) {
      const auto opened = context.host.procfs->open(path);
      if (!opened && opened.error().code == Errc::unavailable) continue;
      if (!opened) return fail(opened.error());
      const Fd file(*opened);
      const auto read = each_window(context, file.get(), path,
                                    [&sockets](std::string_view lines) { return net_sockets::add(lines, sockets); });
      if (!read) return read;
      any = true;
    }
    if (!any) return fail(Errc::unavailable, "net/tcp");
    // A state that no connection is in has no series, as with node_exporter.
    double all = 0;
    for (std::size_t i = 0; i < kWords.size(); ++i) {
      const auto count = static_cast<double>(sockets.states.counts[i]);
      if (count > 0) sink.add(kStates, {kWords[i]}, count);
      all += count;
    }
    if (all == 0) return {};
    sink.add(kStates, {"rx_queued_bytes"}, static_cast<double>(sockets.rx_bytes));
    sink.add(kStates, {"tx_queued_bytes"}, static_cast<double>(sockets.tx_bytes));
    return {};
  }
};

const Registration kRegistration{{.name = "tcpstat",
                                  .enabled = false,
                                  .help = "TCP connections by state; dear on hosts with many of them.",
                                  .families = kFamilies,
                                  .make = make_collector<TcpstatCollector>}};

}  // namespace
}  // namespace vitalsd
