#include "collectors/formats/loadavg.h"

#include <array>
#include <cmath>

#include "core/collector.h"
#include "core/named_families.h"
#include "core/scan.h"

namespace vitalsd {

Result<LoadAverage> loadavg::parse(std::string_view text) {
  Scan scan(text, "loadavg");
  LoadAverage load;
  load.one = scan.number();
  load.five = scan.number();
  load.fifteen = scan.number();
  if (!scan.ok() || !std::isfinite(load.one + load.five + load.fifteen)) return fail(scan.error());
  return load;
}

namespace {

constexpr std::array kRows = {
    Row<LoadAverage>{{"node_load1", Kind::gauge, "1m load average."}, [](const LoadAverage& l) { return l.one; }},
    Row<LoadAverage>{{"node_load5", Kind::gauge, "5m load average."}, [](const LoadAverage& l) { return l.five; }},
    Row<LoadAverage>{{"node_load15", Kind::gauge, "15m load average."}, [](const LoadAverage& l) { return l.fifteen; }},
};
constexpr auto kFamilies = family_list<family_total(kRows)>(kRows);
constexpr auto kRemembered = families_named(kFamilies, {"node_load1", "node_load5", "node_load15"});

class LoadavgCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->attribute("loadavg", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    const auto load = loadavg::parse(*text);
    if (!load) return fail(load.error());
    sink.add_rows(kRows, *load);
    return {};
  }
};

const Registration kRegistration{{.name = "loadavg",
                                  .help = "Load averages over 1, 5 and 15 minutes.",
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .never_waits = true,
                                  .make = make_collector<LoadavgCollector>}};

}  // namespace
}  // namespace vitalsd
