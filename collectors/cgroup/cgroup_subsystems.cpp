// Collector `cgroup_subsystems`: how many cgroups there are by controller, and which controllers are enabled
// (/proc/cgroups, Documentation/admin-guide/cgroup-v1). It is node_exporter's `cgroups`; the one of that name here
// reports each cgroup.
#include <array>
#include <string>

#include "core/collector.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::size_t kMostControllers = 256;  // the kernel has 14
constexpr std::array<std::string_view, 1> kSubsystem = {"subsys_name"};
constexpr Family kCgroups{"node_cgroups_cgroups", Kind::gauge, "Current cgroup number of the subsystem.", "",
                          kSubsystem};
constexpr Family kEnabled{"node_cgroups_enabled", Kind::gauge, "Current cgroup number of the subsystem.", "",
                          kSubsystem};
constexpr auto kFamilies = family_list<2>(kCgroups, kEnabled);

class CgroupSubsystemsCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("cgroups", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    Lines lines(*text, "cgroups", context.faults);
    for (std::size_t count = 0; count < kMostControllers && lines.next();) {
      if (lines.whole().starts_with('#')) {
        lines.skip();
        continue;
      }
      const std::string_view name = lines->word();
      lines->integer();  // of the hierarchy
      const auto cgroups = static_cast<double>(lines->integer());
      const auto enabled = static_cast<double>(lines->integer());
      if (!lines.keep(name)) continue;
      ++count;
      sink.add(kCgroups, {name}, cgroups);
      sink.add(kEnabled, {name}, enabled);
    }
    return lines.result();
  }
};

const Registration kRegistration{{.name = "cgroup_subsystems",
                                  .enabled = false,
                                  .help = "Numbers of cgroups by controller, as node_exporter's cgroups.",
                                  .families = kFamilies,
                                  .make = make_collector<CgroupSubsystemsCollector>}};

}  // namespace
}  // namespace vitalsd
