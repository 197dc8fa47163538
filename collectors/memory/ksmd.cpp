// The kernel daemon that merges equal pages (Documentation/admin-guide/mm/ksm.rst).
#include <array>

#include "collectors/kit/attributes.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "kernel/mm/ksm";
constexpr std::array kTable = {
    Attribute{"full_scans",
              {"node_ksmd_full_scans_total", Kind::counter, "How many times all mergeable areas have been scanned."}},
    Attribute{"general_profit",
              {"node_ksmd_general_profit_bytes", Kind::gauge,
               "How effective is KSM. ksm_saved_pages * sizeof(page) - (all_rmap_items) * sizeof(rmap_item)", "bytes"}},
    Attribute{
        "merge_across_nodes",
        {"node_ksmd_merge_across_nodes", Kind::gauge, "Specifies if pages from different NUMA nodes can be merged."}},
    Attribute{"pages_shared", {"node_ksmd_pages_shared", Kind::gauge, "How many shared pages are being used."}},
    Attribute{"pages_sharing",
              {"node_ksmd_pages_sharing", Kind::gauge, "How many more sites are sharing them i.e. how much saved."}},
    Attribute{"pages_to_scan",
              {"node_ksmd_pages_to_scan", Kind::gauge, "How many pages to scan before ksmd goes to sleep."}},
    Attribute{"pages_unshared",
              {"node_ksmd_pages_unshared", Kind::gauge, "How many pages unique but repeatedly checked for merging."}},
    Attribute{"pages_volatile",
              {"node_ksmd_pages_volatile", Kind::gauge, "How many pages changing too fast to be placed in a tree."}},
    Attribute{"run", {"node_ksmd_run", Kind::gauge, "The status of ksmd. stopped = 0, running = 1"}},
    Attribute{
        "sleep_millisecs",
        {"node_ksmd_sleep_seconds", Kind::gauge, "How many seconds ksmd should sleep before next scan.", "seconds"},
        1e-3},
};
constexpr auto kFamilies = family_list<family_total(kTable)>(kTable);

class KsmdCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (add_attributes(kTable, *context.host.sysfs, kRoot, context, sink) == 0) return fail(Errc::unavailable, kRoot);
    return {};
  }
};

const Registration kRegistration{{.name = "ksmd",
                                  .enabled = false,
                                  .help = "Merging of equal pages (KSM).",
                                  .families = kFamilies,
                                  .make = make_collector<KsmdCollector>}};

}  // namespace
}  // namespace vitalsd
