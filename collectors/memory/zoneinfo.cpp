// Pages by memory zone (/proc/zoneinfo, mm/vmstat.c zoneinfo_show_print()).
#include <algorithm>
#include <array>
#include <string>

#include "collectors/kit/joined.h"
#include "collectors/kit/made_families.h"
#include "core/collector.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 2> kLabels = {"node", "zone"};

struct Known {
  std::string_view field;
  Family family;
};
template <Literal Field, Literal Name>
constexpr Known is(Kind kind, std::string_view help) {
  return {joined<Field>, {joined<"node_zoneinfo_", Name>, kind, help, {}, kLabels}};
}

constexpr std::array kKnown = {
    is<"high", "high_pages">(Kind::gauge, "Zone watermark pages_high"),
    is<"low", "low_pages">(Kind::gauge, "Zone watermark pages_low"),
    is<"managed", "managed_pages">(Kind::gauge, "Present pages managed by the buddy system"),
    is<"min", "min_pages">(Kind::gauge, "Zone watermark pages_min"),
    is<"nr_active_anon", "nr_active_anon_pages">(Kind::gauge, "Number of anonymous pages recently more used"),
    is<"nr_active_file", "nr_active_file_pages">(Kind::gauge, "Number of active pages with file-backing"),
    is<"nr_anon_pages", "nr_anon_pages">(Kind::gauge, "Number of anonymous pages currently used by the system"),
    is<"nr_anon_transparent_hugepages", "nr_anon_transparent_hugepages">(
        Kind::gauge, "Number of anonymous transparent huge pages currently used by the system"),
    is<"nr_dirtied", "nr_dirtied_total">(Kind::counter, "Page dirtyings since bootup"),
    is<"nr_dirty", "nr_dirty_pages">(Kind::gauge, "Number of dirty pages"),
    is<"nr_file_pages", "nr_file_pages">(Kind::gauge, "Number of file pages"),
    is<"nr_free_pages", "nr_free_pages">(Kind::gauge, "Total number of free pages in the zone"),
    is<"nr_inactive_anon", "nr_inactive_anon_pages">(Kind::gauge, "Number of anonymous pages recently less used"),
    is<"nr_inactive_file", "nr_inactive_file_pages">(Kind::gauge, "Number of inactive pages with file-backing"),
    is<"nr_isolated_anon", "nr_isolated_anon_pages">(Kind::gauge, "Temporary isolated pages from anon lru"),
    is<"nr_isolated_file", "nr_isolated_file_pages">(Kind::gauge, "Temporary isolated pages from file lru"),
    is<"nr_kernel_stack", "nr_kernel_stacks">(Kind::gauge, "Number of kernel stacks"),
    is<"nr_mapped", "nr_mapped_pages">(Kind::gauge, "Number of mapped pages"),
    is<"nr_mlock_stack", "nr_mlock_stack_pages">(Kind::gauge, "mlock()ed pages found and moved off LRU"),
    is<"nr_shmem", "nr_shmem_pages">(Kind::gauge, "Number of shmem pages (included tmpfs/GEM pages)"),
    is<"nr_slab_reclaimable", "nr_slab_reclaimable_pages">(Kind::gauge, "Number of reclaimable slab pages"),
    is<"nr_slab_unreclaimable", "nr_slab_unreclaimable_pages">(Kind::gauge, "Number of unreclaimable slab pages"),
    is<"nr_unevictable", "nr_unevictable_pages">(Kind::gauge, "Number of unevictable pages"),
    is<"nr_writeback", "nr_writeback_pages">(Kind::gauge, "Number of writeback pages"),
    is<"nr_written", "nr_written_total">(Kind::counter, "Page writings since bootup"),
    is<"numa_foreign", "numa_foreign_total">(Kind::counter, "Was intended here, hit elsewhere"),
    is<"numa_hit", "numa_hit_total">(Kind::counter, "Allocated in intended node"),
    is<"numa_interleave", "numa_interleave_total">(Kind::counter, "Interleaver preferred this zone"),
    is<"numa_local", "numa_local_total">(Kind::counter, "Allocation from local node"),
    is<"numa_miss", "numa_miss_total">(Kind::counter, "Allocated in non intended node"),
    is<"numa_other", "numa_other_total">(Kind::counter, "Allocation from other node"),
    is<"present", "present_pages">(Kind::gauge, "Physical pages existing within the zone"),
    is<"scanned", "scanned_pages">(Kind::gauge, "Pages scanned since last reclaim"),
    is<"spanned", "spanned_pages">(Kind::gauge, "Total pages spanned by the zone, including holes"),
};
static_assert(std::ranges::is_sorted(kKnown, {}, &Known::field));

constexpr std::array kProtection = {
    is<"", "protection_0">(Kind::gauge, "Protection array 0. field").family,
    is<"", "protection_1">(Kind::gauge, "Protection array 1. field").family,
    is<"", "protection_2">(Kind::gauge, "Protection array 2. field").family,
    is<"", "protection_3">(Kind::gauge, "Protection array 3. field").family,
    is<"", "protection_4">(Kind::gauge, "Protection array 4. field").family,
    is<"", "protection_5">(Kind::gauge, "Protection array 5. field").family,
};  // MAX_NR_ZONES

constexpr auto kFamilies = family_list<family_total(kKnown, kProtection)>(kKnown, kProtection);

class ZoneinfoCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("zoneinfo", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    Lines lines(*text, "zoneinfo", context.faults);
    LabelId zone = kNoLabels;
    while (lines.next()) {
      std::string_view word = lines->word();
      if (word == "Node") {
        zone = heading(lines, sink);
        continue;
      }
      lines.skip();
      // Without a heading the zone of a value is unknown. "pages free" and "per-node stats" are not fields themselves.
      if (zone == kNoLabels || word == "per-node" || word == "pages") continue;
      if (word == "pagesets") per_cpu_ = true;  // up to the next zone, "high" and "count" are values of a CPU
      if (per_cpu_) continue;
      if (word == "protection:") {
        add_protection(lines, sink, zone);
        continue;
      }
      const auto known = std::ranges::lower_bound(kKnown, word, {}, &Known::field);
      if (known == kKnown.end() || known->field != word) continue;
      const auto value = lines->integer<std::int64_t>();
      if (lines.keep(word)) sink.add(known->family, zone, static_cast<double>(value));
    }
    return lines.result();
  }

 private:
  LabelId heading(Lines& lines, Sink& sink) {
    per_cpu_ = false;
    std::string_view node = lines->word();
    if (!node.ends_with(',')) lines->set_failed();
    if (!node.empty()) node.remove_suffix(1);
    lines->expect("zone");
    const std::array values = {node, lines->word()};
    return lines.keep() ? sink.labels(kLabels, values) : kNoLabels;
  }

  // "protection: (0, 2039, 31932, 31932, 31932)"
  static void add_protection(Lines& lines, Sink& sink, LabelId zone) {
    std::string_view rest = lines->expect("(").rest();
    rest = rest.substr(0, rest.find(')'));
    for (const Family& family : kProtection) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      const auto value = parse_number<std::int64_t>(rest.substr(0, end), "zoneinfo");
      if (!value) return;
      sink.add(family, zone, static_cast<double>(*value));
      rest.remove_prefix(std::min(end + 2, rest.size()));
      if (rest.empty()) return;
    }
  }

  bool per_cpu_ = false;
};

const Registration kRegistration{{.name = "zoneinfo",
                                  .enabled = false,
                                  .help = "Pages by memory zone.",
                                  .families = kFamilies,
                                  .make = make_collector<ZoneinfoCollector>}};

}  // namespace
}  // namespace vitalsd
