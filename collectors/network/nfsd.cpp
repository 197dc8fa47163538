#include <array>

#include "collectors/formats/net/rpc_stats.h"
#include "collectors/network/nfs_methods.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kProto = {"proto"};
constexpr std::array<std::string_view, 1> kError = {"error"};
constexpr std::array<std::string_view, 2> kMethod = {"proto", "method"};

// A number of a line, and the family that it belongs to.
struct Number {
  std::string_view line;
  std::size_t place;
  Family family;
};
constexpr Family kPackets{"node_nfsd_packets_total", Kind::counter,
                          "Total NFSd network packets (sent+received) by protocol type.", "", kProto};
constexpr Family kErrors{"node_nfsd_rpc_errors_total", Kind::counter, "Total number of NFSd RPC errors by error type.",
                         "", kError};
constexpr Family kRequests{"node_nfsd_requests_total", Kind::counter,
                           "Total number NFSd Requests by method and protocol.", "", kMethod};
constexpr std::array kNumbers = {
    Number{"rc",
           0,
           {"node_nfsd_reply_cache_hits_total", Kind::counter,
            "Total number of NFSd Reply Cache hits (client lost server response)."}},
    Number{"rc",
           1,
           {"node_nfsd_reply_cache_misses_total", Kind::counter,
            "Total number of NFSd Reply Cache an operation that requires caching (idempotent)."}},
    Number{"rc",
           2,
           {"node_nfsd_reply_cache_nocache_total", Kind::counter,
            "Total number of NFSd Reply Cache non-idempotent operations (rename/delete/…)."}},
    Number{"fh", 0, {"node_nfsd_file_handles_stale_total", Kind::counter, "Total number of NFSd stale file handles"}},
    Number{"io", 0, {"node_nfsd_disk_bytes_read_total", Kind::counter, "Total NFSd bytes read.", ""}},
    Number{"io", 1, {"node_nfsd_disk_bytes_written_total", Kind::counter, "Total NFSd bytes written.", ""}},
    Number{"th", 0, {"node_nfsd_server_threads", Kind::gauge, "Total number of NFSd kernel threads that are running."}},
    Number{"ra",
           0,
           {"node_nfsd_read_ahead_cache_size_blocks", Kind::gauge, "How large the read ahead cache is in blocks."}},
    Number{"ra",
           11,
           {"node_nfsd_read_ahead_cache_not_found_total", Kind::counter,
            "Total number of NFSd read ahead cache not found."}},
    Number{"net", 3, {"node_nfsd_connections_total", Kind::counter, "Total number of NFSd TCP connections."}},
    Number{"rpc", 0, {"node_nfsd_server_rpcs_total", Kind::counter, "Total number of NFSd RPCs."}},
};
// The same, of families that have a label.
struct Labelled {
  std::string_view line;
  std::size_t place;
  const Family& family;
  std::string_view label;
};
constexpr std::array kLabelled = {
    Labelled{"net", 1, kPackets, "udp"}, Labelled{"net", 2, kPackets, "tcp"}, Labelled{"rpc", 2, kErrors, "fmt"},
    Labelled{"rpc", 3, kErrors, "auth"}, Labelled{"rpc", 4, kErrors, "cInt"},
};
constexpr auto kFamilies =
    family_list<family_total(kPackets, kErrors, kRequests, kNumbers)>(kPackets, kErrors, kRequests, kNumbers);

struct Version {
  std::string_view line, proto;
  std::span<const std::string_view> methods;
};
constexpr std::array kVersions = {Version{"proc2", "2", kNfs2Methods}, Version{"proc3", "3", kNfs3Methods},
                                  Version{"proc4ops", "4", kNfs4ServerOperations}};

void add_line(const RpcLine& line, Sink& sink) {
  for (const Number& number : kNumbers) {
    if (number.line == line.word && number.place < line.count) {
      sink.add(number.family, static_cast<double>(line.numbers[number.place]));
    }
  }
  for (const Labelled& number : kLabelled) {
    if (number.line == line.word && number.place < line.count) {
      sink.add(number.family, {number.label}, static_cast<double>(line.numbers[number.place]));
    }
  }
  for (const Version& version : kVersions) {
    if (line.word != version.line) continue;
    for (std::size_t i = 0; i < version.methods.size(); ++i) {
      const std::string_view method = version.methods[i];
      if (method.empty() || method == "Null") continue;
      sink.add(kRequests, {version.proto, method}, static_cast<double>(line.at(i)));
    }
  }
  if (line.word == "wdeleg_getattr") {
    sink.add(kRequests, {"4", "WdelegGetattr"}, static_cast<double>(line.at(0)));
  }
}

class NfsdCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("net/rpc/nfsd", context.buffer, Keep::yes);
    if (!text) return fail(text.error());  // unavailable: no server here
    Lines lines(*text, "net/rpc/nfsd", context.faults);
    RpcLine line;
    while (rpc_stats::next(lines, line)) add_line(line, sink);
    return lines.result();
  }
};

const Registration kRegistration{{.name = "nfsd",
                                  .help = "Requests to this host as an NFS server.",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<NfsdCollector>}};

}  // namespace
}  // namespace vitalsd
