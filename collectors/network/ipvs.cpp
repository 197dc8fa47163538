#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include "collectors/formats/net/ip_vs.h"
#include "collectors/kit/digits.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

enum Label : std::size_t { local_address, local_port, remote_address, remote_port, proto, local_mark, kLabelCount };
constexpr std::array<std::string_view, kLabelCount> kLabels = {"local_address", "local_port", "remote_address",
                                                               "remote_port",   "proto",      "local_mark"};

constexpr std::array kTotals = {
    Row<IpvsTotals>{{"node_ipvs_connections_total", Kind::counter, "The total number of connections made."},
                    [](const IpvsTotals& t) { return static_cast<double>(t.connections); }},
    Row<IpvsTotals>{{"node_ipvs_incoming_packets_total", Kind::counter, "The total number of incoming packets."},
                    [](const IpvsTotals& t) { return static_cast<double>(t.incoming_packets); }},
    Row<IpvsTotals>{{"node_ipvs_outgoing_packets_total", Kind::counter, "The total number of outgoing packets."},
                    [](const IpvsTotals& t) { return static_cast<double>(t.outgoing_packets); }},
    Row<IpvsTotals>{{"node_ipvs_incoming_bytes_total", Kind::counter, "The total amount of incoming data.", "bytes"},
                    [](const IpvsTotals& t) { return static_cast<double>(t.incoming_bytes); }},
    Row<IpvsTotals>{{"node_ipvs_outgoing_bytes_total", Kind::counter, "The total amount of outgoing data.", "bytes"},
                    [](const IpvsTotals& t) { return static_cast<double>(t.outgoing_bytes); }},
};
constexpr std::array kBackends = {
    Row<IpvsBackend>{{"node_ipvs_backend_connections_active", Kind::gauge,
                      "The current active connections by local and remote address.", "", kLabels},
                     [](const IpvsBackend& b) { return static_cast<double>(b.active); }},
    Row<IpvsBackend>{{"node_ipvs_backend_connections_inactive", Kind::gauge,
                      "The current inactive connections by local and remote address.", "", kLabels},
                     [](const IpvsBackend& b) { return static_cast<double>(b.inactive); }},
    Row<IpvsBackend>{{"node_ipvs_backend_weight", Kind::gauge,
                      "The current backend weight by local and remote address.", "", kLabels},
                     [](const IpvsBackend& b) { return static_cast<double>(b.weight); }},
};
constexpr auto kFamilies = family_list<family_total(kTotals, kBackends)>(kTotals, kBackends);

constexpr std::array kOptions = {
    OptionSpec{"backend_labels", OptionType::text,
               "local_address,local_port,remote_address,remote_port,proto,local_mark",
               "Labels of real servers, with commas between them; servers that do not differ in these are summed."},
};

auto key(const IpvsBackend& b) { return std::tie(b.local, b.local_port, b.remote, b.remote_port, b.proto, b.mark); }

class IpvsCollector final : public Collector {
 public:
  explicit IpvsCollector(const Options& options) {
    std::string_view rest = options.text("backend_labels");
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view word = rest.substr(0, comma);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (word.empty()) continue;
      const auto found = std::ranges::find(kLabels, word);
      if (found == kLabels.end()) {
        throw OptionError("backend_labels", "unknown label " + std::string(word));
      }
      wanted_[static_cast<std::size_t>(found - kLabels.begin())] = true;
    }
    for (std::size_t i = 0; i < kLabelCount; ++i) {
      if (wanted_[i]) names_.push_back(kLabels[i]);
    }
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto stats = context.host.procfs->read("net/ip_vs_stats", context.buffer, Keep::yes);
    if (!stats) return fail(stats.error());  // unavailable: the module is not loaded
    const auto totals = ip_vs::parse_totals(*stats);
    if (totals) {
      sink.add_rows(kTotals, *totals);
    } else {
      context.faults.partial("totals", "ip_vs_stats", totals.error(), {});
    }

    const auto table = context.host.procfs->read("net/ip_vs", context.buffer, Keep::no);
    if (!table) return fail(table.error());
    if (const auto parsed = ip_vs::parse(*table, backends_, context.faults); !parsed) return parsed;
    sum_same();
    for (const IpvsBackend& backend : backends_) {
      sink.add_rows(kBackends, backend, labels_of(backend, sink));
    }
    return {};
  }

 private:
  /// Leaves one backend for each set of the wanted labels.
  void sum_same() {
    for (IpvsBackend& backend : backends_) {
      if (!wanted_[local_address]) backend.local = {};
      if (!wanted_[local_port]) backend.local_port = 0;
      if (!wanted_[remote_address]) backend.remote = {};
      if (!wanted_[remote_port]) backend.remote_port = 0;
      if (!wanted_[proto]) backend.proto = {};
      if (!wanted_[local_mark]) backend.mark = {};
    }
    std::ranges::sort(backends_, [](const IpvsBackend& a, const IpvsBackend& b) { return key(a) < key(b); });
    std::size_t kept = 0;
    for (const IpvsBackend& backend : backends_) {
      if (kept > 0 && key(backends_[kept - 1]) == key(backend)) {
        backends_[kept - 1].active += backend.active;
        backends_[kept - 1].inactive += backend.inactive;
        backends_[kept - 1].weight += backend.weight;
      } else {
        backends_[kept++] = backend;
      }
    }
    backends_.resize(kept);
  }

  LabelId labels_of(const IpvsBackend& backend, Sink& sink) {
    std::array<char, INET6_ADDRSTRLEN> local{}, remote{};
    const Digits from(backend.local_port), to(backend.remote_port);
    const std::array<std::string_view, kLabelCount> all = {
        address(backend.local, local), from, address(backend.remote, remote), to, backend.proto, backend.mark};
    std::array<std::string_view, kLabelCount> values;
    std::size_t count = 0;
    for (std::size_t i = 0; i < kLabelCount; ++i) {
      if (wanted_[i]) values[count++] = all[i];
    }
    return sink.labels(names_, std::span(values).first(count));
  }

  static std::string_view address(const IpvsAddress& from, std::array<char, INET6_ADDRSTRLEN>& buffer) {
    if (from.size == 0) return {};
    const char* const text =
        ::inet_ntop(from.size == 4 ? AF_INET : AF_INET6, from.bytes.data(), buffer.data(), buffer.size());
    return text == nullptr ? std::string_view() : std::string_view(text);
  }

  std::array<bool, kLabelCount> wanted_{};
  std::vector<std::string_view> names_;
  std::vector<IpvsBackend> backends_;
};

// The table of services is walked under a mutex that a change of it holds: not for the loop.
const Registration kRegistration{{.name = "ipvs",
                                  .help = "Connections and traffic of the IP virtual server, and its real servers.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<IpvsCollector>}};

}  // namespace
}  // namespace vitalsd
