#include <array>

#include "collectors/formats/net/rpc_stats.h"
#include "collectors/network/nfs_methods.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kProtocol = {"protocol"};
constexpr std::array<std::string_view, 2> kMethod = {"proto", "method"};
// HELP texts are node_exporter's, which calls its client a server here.
constexpr Family kPackets{"node_nfs_packets_total", Kind::counter,
                          "Total NFSd network packets (sent+received) by protocol type.", "", kProtocol};
constexpr Family kConnections{"node_nfs_connections_total", Kind::counter, "Total number of NFSd TCP connections."};
constexpr Family kRpcs{"node_nfs_rpcs_total", Kind::counter, "Total number of RPCs performed."};
constexpr Family kRetransmissions{"node_nfs_rpc_retransmissions_total", Kind::counter,
                                  "Number of RPC transmissions performed."};
constexpr Family kRefreshes{"node_nfs_rpc_authentication_refreshes_total", Kind::counter,
                            "Number of RPC authentication refreshes performed."};
constexpr Family kRequests{"node_nfs_requests_total", Kind::counter, "Number of NFS procedures invoked.", "", kMethod};
constexpr auto kFamilies = family_list<6>(kPackets, kConnections, kRpcs, kRetransmissions, kRefreshes, kRequests);

struct Version {
  std::string_view line, proto;
  std::span<const std::string_view> methods;
};
constexpr std::array kVersions = {Version{"proc2", "2", kNfs2Methods}, Version{"proc3", "3", kNfs3Methods},
                                  Version{"proc4", "4", kNfs4ClientMethods}};

void add_line(const RpcLine& line, Sink& sink) {
  const auto number = [&line](std::size_t i) { return static_cast<double>(line.at(i)); };
  if (line.word == "net" && line.count >= 4) {
    sink.add(kPackets, {"udp"}, number(1));
    sink.add(kPackets, {"tcp"}, number(2));
    sink.add(kConnections, number(3));
  } else if (line.word == "rpc" && line.count >= 3) {
    sink.add(kRpcs, number(0));
    sink.add(kRetransmissions, number(1));
    sink.add(kRefreshes, number(2));
  }
  for (const Version& version : kVersions) {
    if (line.word != version.line) continue;
    for (std::size_t i = 0; i < version.methods.size(); ++i) {
      sink.add(kRequests, {version.proto, version.methods[i]}, number(i));
    }
  }
}

class NfsCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("net/rpc/nfs", context.buffer, Keep::yes);
    if (!text) return fail(text.error());  // unavailable: no client here
    Lines lines(*text, "net/rpc/nfs", context.faults);
    RpcLine line;
    while (rpc_stats::next(lines, line)) add_line(line, sink);
    return lines.result();
  }
};

const Registration kRegistration{{.name = "nfs",
                                  .help = "Requests of this host as an NFS client.",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<NfsCollector>}};

}  // namespace
}  // namespace vitalsd
