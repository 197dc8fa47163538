#include <algorithm>
#include <array>

#include "collectors/formats/net/net_stat.h"
#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

// A column of net/stat/nf_conntrack, to be summed over the CPUs. node_exporter calls these gauges.
struct Column {
  std::string_view name;
  Family family;
};

constexpr Family kEntries{"node_nf_conntrack_entries", Kind::gauge,
                          "Number of currently allocated flow entries for connection tracking."};
constexpr Family kLimit{"node_nf_conntrack_entries_limit", Kind::gauge, "Maximum size of connection tracking table."};
constexpr std::array kColumns = {
    Column{"found", {"node_nf_conntrack_stat_found", Kind::gauge, "Number of searched entries which were successful."}},
    Column{"invalid",
           {"node_nf_conntrack_stat_invalid", Kind::gauge, "Number of packets seen which can not be tracked."}},
    Column{"ignore",
           {"node_nf_conntrack_stat_ignore", Kind::gauge,
            "Number of packets seen which are already connected to a conntrack entry."}},
    Column{"insert", {"node_nf_conntrack_stat_insert", Kind::gauge, "Number of entries inserted into the list."}},
    Column{"insert_failed",
           {"node_nf_conntrack_stat_insert_failed", Kind::gauge,
            "Number of entries for which list insertion was attempted but failed."}},
    Column{"drop", {"node_nf_conntrack_stat_drop", Kind::gauge, "Number of packets dropped due to conntrack failure."}},
    Column{"early_drop",
           {"node_nf_conntrack_stat_early_drop", Kind::gauge,
            "Number of dropped conntrack entries to make room for new ones, if maximum table size was reached."}},
    Column{"search_restart",
           {"node_nf_conntrack_stat_search_restart", Kind::gauge,
            "Number of conntrack table lookups which had to be restarted due to hashtable resizes."}},
};
constexpr auto kFamilies = family_list<family_total(kEntries, kLimit, kColumns)>(kEntries, kLimit, kColumns);

Result<void> add_number(CollectContext& context, Sink& sink, const Family& family, std::string_view path) {
  const auto text = context.host.procfs->attribute(path, context.buffer, Keep::yes);
  if (!text) return fail(text.error());
  const auto value = parse_number<std::uint64_t>(*text, path);
  if (!value) return fail(value.error());
  sink.add(family, static_cast<double>(*value));
  return {};
}

class ConntrackCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    // Without the module there are no files: unavailable.
    if (auto done = add_number(context, sink, kEntries, "sys/net/netfilter/nf_conntrack_count"); !done) return done;
    if (auto done = add_number(context, sink, kLimit, "sys/net/netfilter/nf_conntrack_max"); !done) return done;

    const auto text = context.host.procfs->read("net/stat/nf_conntrack", context.buffer, Keep::yes);
    if (!text && text.error().code == Errc::unavailable) return {};  // built without NF_CONNTRACK_PROCFS
    if (!text) return fail(text.error());
    if (const auto parsed = net_stat::parse(*text, stat_); !parsed) {
      context.faults.partial("nf_conntrack", "net/stat", parsed.error(), {});
      return {};
    }
    for (const Column& column : kColumns) {
      const auto found = std::ranges::find(stat_.names, column.name);
      if (found == stat_.names.end()) continue;
      const auto place = static_cast<std::size_t>(found - stat_.names.begin());
      std::uint64_t sum = 0;
      for (std::size_t cpu = 0; cpu < stat_.cpus(); ++cpu) sum += stat_.at(cpu, place);
      sink.add(column.family, static_cast<double>(sum));
    }
    return {};
  }

 private:
  NetStat stat_;
};

const Registration kRegistration{{.name = "conntrack",
                                  .help = "Tracked connections, their limit, and what happened to packets.",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<ConntrackCollector>}};

}  // namespace
}  // namespace vitalsd
