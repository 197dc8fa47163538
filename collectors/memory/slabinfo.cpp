// The kernel's slab caches (/proc/slabinfo, slabinfo(5)). Only root can read them.
#include <array>
#include <string>

#include "collectors/kit/pattern.h"
#include "core/collector.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"slab"};

struct Slab {
  double active = 0, objects = 0, size = 0, per_slab = 0, pages = 0;
};
constexpr std::array kRows = {
    Row<Slab>{{"node_slabinfo_active_objects",
               Kind::gauge,
               "The number of objects that are currently active (i.e., in use).",
               {},
               kLabels},
              [](const Slab& s) { return s.active; }},
    Row<Slab>{{"node_slabinfo_objects",
               Kind::gauge,
               "The total number of allocated objects (i.e., objects that are both in use and not in use).",
               {},
               kLabels},
              [](const Slab& s) { return s.objects; }},
    Row<Slab>{{"node_slabinfo_object_size_bytes", Kind::gauge, "The size of objects in this slab, in bytes.", "bytes",
               kLabels},
              [](const Slab& s) { return s.size; }},
    Row<Slab>{
        {"node_slabinfo_objects_per_slab", Kind::gauge, "The number of objects stored in each slab.", {}, kLabels},
        [](const Slab& s) { return s.per_slab; }},
    Row<Slab>{
        {"node_slabinfo_pages_per_slab", Kind::gauge, "The number of pages allocated for each slab.", {}, kLabels},
        [](const Slab& s) { return s.pages; }},
};
constexpr auto kFamilies = family_list<family_total(kRows)>(kRows);

constexpr std::array kOptions = {
    OptionSpec{"slabs_include", OptionType::regex, ".*", "Slabs to report."},
    OptionSpec{"slabs_exclude", OptionType::regex, "", "Slabs to leave out."},
};

class SlabinfoCollector final : public Collector {
 public:
  explicit SlabinfoCollector(const Options& options) : slabs_(make_filter(options, "slabs_include", "slabs_exclude")) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("slabinfo", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    Lines lines(*text, "slabinfo", context.faults);
    while (lines.next()) {
      const std::string_view name = lines->word();
      if (name == "slabinfo" || name.starts_with('#')) {
        lines.skip();
        continue;
      }
      Slab slab;
      for (double* field : {&slab.active, &slab.objects, &slab.size, &slab.per_slab, &slab.pages})
        *field = static_cast<double>(lines->integer());
      if (!lines.keep() || !slabs_.keeps(name)) continue;
      const std::array values = {name};
      sink.add_rows(kRows, slab, sink.labels(kLabels, values));
    }
    return lines.result();
  }

 private:
  Filter slabs_;
};

const Registration kRegistration{{.name = "slabinfo",
                                  .enabled = false,
                                  .help = "The kernel's slab caches.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<SlabinfoCollector>}};

}  // namespace
}  // namespace vitalsd
