#include <array>

#include "collectors/kit/attributes.h"
#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"master"};
constexpr Family kSlaves{"node_bonding_slaves", Kind::gauge, "Number of configured slaves per bonding interface.", "",
                         kLabels};
constexpr Family kActive{"node_bonding_active", Kind::gauge, "Number of active slaves per bonding interface.", "",
                         kLabels};
constexpr auto kFamilies = family_list<2>(kSlaves, kActive);
constexpr std::string_view kClass = "class/net";

class BondingCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto masters = context.host.sysfs->attribute("class/net/bonding_masters", context.buffer, Keep::yes);
    if (!masters) return fail(masters.error());
    masters_.assign(*masters);
    Scan scan(masters_, "bonding_masters");
    for (auto master = scan.optional_word(); !master.empty(); master = scan.optional_word()) {
      add_master(context, sink, master);
    }
    return {};
  }

 private:
  // A bond whose slaves cannot all be asked is left out: a count too low would be an alert.
  void add_master(CollectContext& context, Sink& sink, std::string_view master) {
    directory_.assign(kClass).append("/").append(master);
    const auto slaves = read_attribute(*context.host.sysfs, directory_, "bonding/slaves", context);
    if (!slaves) return;
    slaves_.assign(*slaves);
    Scan scan(slaves_, "bonding/slaves");
    double configured = 0, active = 0;
    for (auto slave = scan.optional_word(); !slave.empty(); slave = scan.optional_word()) {
      const auto up = is_up(context, master, slave);
      if (!up) return;
      ++configured;
      if (*up) ++active;
    }
    const std::array values = {master};
    const LabelId labels = sink.labels(kLabels, values);
    sink.add(kSlaves, labels, configured);
    sink.add(kActive, labels, active);
  }

  Result<bool> is_up(CollectContext& context, std::string_view master, std::string_view slave) {
    // Linux 3.16 renamed slave_* to lower_*.
    for (const std::string_view prefix : {"/lower_", "/slave_"}) {
      directory_.assign(kClass).append("/").append(master).append(prefix).append(slave);
      const auto state = read_attribute(*context.host.sysfs, directory_, "bonding_slave/mii_status", context);
      if (state) return *state == "up";
      if (state.error().code != Errc::unavailable) return fail(state.error());
    }
    return fail(Errc::unavailable, "mii_status");
  }

  std::string masters_, slaves_, directory_;
};

const Registration kRegistration{{.name = "bonding",
                                  .help = "Configured and active devices of bonding interfaces.",
                                  .families = kFamilies,
                                  .make = make_collector<BondingCollector>}};

}  // namespace
}  // namespace vitalsd
