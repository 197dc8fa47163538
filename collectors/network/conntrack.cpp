#include <algorithm>
#include <array>

#include "collectors/formats/net/net_stat.h"
#include "collectors/kit/attributes.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

// A column of net/stat/nf_conntrack, to be summed over the CPUs. node_exporter calls these gauges.
struct Column {
  std::string_view name;
  Family family;
};

constexpr std::array kTable = {
    Attribute{"nf_conntrack_count",
              {"node_nf_conntrack_entries", Kind::gauge,
               "Number of currently allocated flow entries for connection tracking."}},
    Attribute{"nf_conntrack_max",
              {"node_nf_conntrack_entries_limit", Kind::gauge, "Maximum size of connection tracking table."}}};
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
constexpr auto kFamilies = family_list<family_total(kTable, kColumns)>(kTable, kColumns);

class ConntrackCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    // Without the module there are no files: unavailable.
    const auto numbers = require_attributes(kTable, *context.host.procfs, "sys/net/netfilter", context, sink);
    if (!numbers) return numbers;

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
