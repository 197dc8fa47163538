// Energy used by processor packages, cores and memory (Documentation/power/powercap/powercap.rst). Since Linux 5.10
// only root can read energy_uj (CVE-2020-8694); otherwise each zone is a partial fault with a remedy.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "collectors/kit/attributes.h"
#include "collectors/kit/made_families.h"
#include "collectors/kit/seen_names.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "class/powercap";
constexpr std::array<std::string_view, 2> kLabels = {"index", "path"};
constexpr std::string_view kRemedy = "energy_uj is readable by root alone: run as root, or let udev make it readable";

constexpr std::array kKnown = {
    Family{"node_rapl_package_joules_total", Kind::counter, "Current RAPL package value in joules", {}, kLabels},
    Family{"node_rapl_core_joules_total", Kind::counter, "Current RAPL core value in joules", {}, kLabels},
    Family{"node_rapl_uncore_joules_total", Kind::counter, "Current RAPL uncore value in joules", {}, kLabels},
    Family{"node_rapl_dram_joules_total", Kind::counter, "Current RAPL dram value in joules", {}, kLabels},
    Family{"node_rapl_psys_joules_total", Kind::counter, "Current RAPL psys value in joules", {}, kLabels},
};
constexpr auto kFamilies = family_list<family_total(kKnown)>(kKnown);

constexpr std::array kOptions = {
    OptionSpec{"enable_zone_label", OptionType::boolean, "false",
               "Puts the zone's name into a label of one family, node_rapl_joules_total."},
};
constexpr std::array<std::string_view, 3> kZoneLabels = {"index", "path", "rapl_zone"};

struct Zone {
  std::string directory, index, path, name;
  const Family* family;
};

class RaplCollector final : public Collector {
 public:
  explicit RaplCollector(const Options& options) : zone_label_(options.flag("enable_zone_label")) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto listed = context.host.sysfs->list(kRoot, names_); !listed) return fail(listed.error());
    if (seen_.changed(names_)) discover(context);
    for (const Zone& zone : zones_) publish(context, sink, zone);
    made_.keep(sink);
    return {};
  }

 private:
  void discover(CollectContext& context) {
    zones_.clear();
    std::map<std::string, unsigned> uses;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const std::string directory = std::string(kRoot) + "/" + std::string(names_[i]);
      const auto text = read_attribute(*context.host.sysfs, directory, "name", context, Keep::no);
      if (!text) continue;  // intel-rapl itself is not a zone
      Zone zone{directory, {}, std::string(context.host.sysfs->root()) + "/" + directory, std::string(*text), nullptr};
      take_index(zone, uses);
      zone.family = family_of(zone.name);
      if (zone.family != nullptr) zones_.push_back(std::move(zone));
    }
  }

  // "package-0" is number 0 of "package". Other zones of the same name are numbered in order.
  static void take_index(Zone& zone, std::map<std::string, unsigned>& uses) {
    if (const std::size_t dash = zone.name.find('-'); dash != std::string::npos) {
      if (const auto number = parse_number<unsigned>(std::string_view(zone.name).substr(dash + 1), "name")) {
        zone.name.resize(dash);
        zone.index = std::to_string(*number);
        uses[zone.name] = *number + 1;
        return;
      }
    }
    zone.index = std::to_string(uses[zone.name]++);
  }

  const Family* family_of(const std::string& zone) {
    if (zone_label_) {
      return made_.find("node_rapl_joules_total",
                        [] { return MadeFamily{"Current RAPL value in joules", Kind::counter, kZoneLabels}; });
    }
    std::string name = "node_rapl_";
    append_metric_name(name, zone);
    name += "_joules_total";
    const auto known = std::ranges::find(kKnown, std::string_view(name), &Family::name);
    if (known != kKnown.end()) return &*known;
    return made_.find(name,
                      [&] { return MadeFamily{"Current RAPL " + zone + " value in joules", Kind::counter, kLabels}; });
  }

  void publish(CollectContext& context, Sink& sink, const Zone& zone) {
    const FileSource& sysfs = *context.host.sysfs;
    const auto text = sysfs.attribute(join_path(path_, zone.directory, "energy_uj"), context.buffer, Keep::yes);
    const auto energy =
        text ? parse_number<std::uint64_t>(*text, "energy_uj") : Result<std::uint64_t>(fail(text.error()));
    if (!energy) {
      const auto remedy = energy.error().code == Errc::denied ? kRemedy : std::string_view();
      if (!is_gone(energy.error())) context.faults.partial(zone.directory, "energy_uj", energy.error(), remedy);
      return;
    }
    const double joules = static_cast<double>(*energy) / 1e6;
    if (zone_label_) return sink.add(*zone.family, {zone.index, zone.path, zone.name}, joules);
    sink.add(*zone.family, {zone.index, zone.path}, joules);
  }

  bool zone_label_;
  Names names_;
  SeenNames seen_;
  std::vector<Zone> zones_;
  std::string path_;
  MadeFamilies made_;
};

const Registration kRegistration{{.name = "rapl",
                                  .help = "Energy used by processors and memory (RAPL).",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<RaplCollector>}};

}  // namespace
}  // namespace vitalsd
