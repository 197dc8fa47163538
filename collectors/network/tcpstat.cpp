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
    const auto sockets = count(context);
    if (!sockets) return fail(sockets.error());
    // A state that no connection is in has no series, as with node_exporter.
    double all = 0;
    for (std::size_t i = 0; i < kWords.size(); ++i) {
      const auto count = static_cast<double>(sockets->states.counts[i]);
      if (count > 0) sink.add(kStates, {kWords[i]}, count);
      all += count;
    }
    if (all == 0) return {};
    sink.add(kStates, {"rx_queued_bytes"}, static_cast<double>(sockets->rx_bytes));
    sink.add(kStates, {"tx_queued_bytes"}, static_cast<double>(sockets->tx_bytes));
    return {};
  }

 private:
  static Result<TcpSockets> count(CollectContext& context) {
    if (NetlinkSource* const netlink = netlink_of(context); netlink != nullptr) {
      const auto asked = ask(*netlink);
      if (asked || asked.error().code != Errc::unavailable) return asked;  // by text it would be dearer still
    }
    return read_files(context);
  }

  static Result<TcpSockets> ask(NetlinkSource& netlink) {
    TcpSockets all;
    for (const int family : {AF_INET, AF_INET6}) {
      TcpSockets sockets;
      const auto asked = netlink.stream(
          socket_diag::request(family, IPPROTO_TCP), [&sockets] { sockets = {}; },
          [&sockets](const NetlinkMessage& message) { return socket_diag::add(message, sockets); });
      if (!asked && family == AF_INET6 && asked.error().code == Errc::unavailable) continue;
      if (!asked) return fail(asked.error());
      for (std::size_t i = 0; i < kWords.size(); ++i) all.states.counts[i] += sockets.states.counts[i];
      all.rx_bytes += sockets.rx_bytes;
      all.tx_bytes += sockets.tx_bytes;
    }
    return all;
  }

  static Result<TcpSockets> read_files(CollectContext& context) {
    TcpSockets sockets;
    bool any = false;
    for (const std::string_view path : {"net/tcp", "net/tcp6"}) {
      const auto opened = context.host.procfs->open(path);
      if (!opened && opened.error().code == Errc::unavailable) continue;
      if (!opened) return fail(opened.error());
      const Fd file(*opened);
      const auto read = each_window(context, file.get(), path,
                                    [&sockets](std::string_view lines) { return net_sockets::add(lines, sockets); });
      if (!read) return fail(read.error());
      any = true;
    }
    if (!any) return fail(Errc::unavailable, "net/tcp");
    return sockets;
  }
};

const Registration kRegistration{{.name = "tcpstat",
                                  .enabled = false,
                                  .help = "TCP connections by state; dear on hosts with many of them.",
                                  .families = kFamilies,
                                  .make = make_collector<TcpstatCollector>}};

}  // namespace
}  // namespace vitalsd
