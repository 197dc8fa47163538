// Energy that processor packages, cores and memory have used (Documentation/power/powercap/powercap.rst).
// Since Linux 5.10 energy_uj is readable by root alone (CVE-2020-8694): then each zone is a partial fault with its
// remedy.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>

#include "collectors/kit/attributes.h"
#include "collectors/kit/made_families.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "class/powercap";
constexpr std::array<std::string_view, 2> kLabels = {"index", "path"};
constexpr std::array<std::string_view, 1> kBareLabels = {"index"};
constexpr std::string_view kRemedy = "energy_uj is readable by root alone: run as root, or let udev make it readable";

constexpr std::array kKnown = {
    Family{"node_rapl_package_joules_total", Kind::counter, "Current RAPL package value in joules", {}, kLabels},
    Family{"node_rapl_core_joules_total", Kind::counter, "Current RAPL core value in joules", {}, kLabels},
    Family{"node_rapl_uncore_joules_total", Kind::counter, "Current RAPL uncore value in joules", {}, kLabels},
    Family{"node_rapl_dram_joules_total", Kind::counter, "Current RAPL dram value in joules", {}, kLabels},
    Family{"node_rapl_psys_joules_total", Kind::counter, "Current RAPL psys value in joules", {}, kLabels},
};
constexpr std::array<const Family*, kKnown.size()> kFamilies = {&kKnown[0], &kKnown[1], &kKnown[2], &kKnown[3],
                                                                &kKnown[4]};

constexpr std::array kOptions = {
    OptionSpec{"enable_zone_label", OptionType::boolean, "false",
               "Puts the zone's name into a label of one family, node_rapl_joules_total."},
};
constexpr std::array<std::string_view, 3> kZoneLabels = {"index", "path", "rapl_zone"};

class RaplCollector final : public Collector {
 public:
  explicit RaplCollector(const Options& options) : zone_label_(options.flag("enable_zone_label")) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.list(kRoot, names_); !listed) return fail(listed.error());
    uses_.clear();
    for (std::size_t i = 0; i < names_.size(); ++i) {
      directory_.assign(kRoot).append("/").append(names_[i]);
      const auto text = read_attribute(sysfs, directory_, "name", context);
      if (!text) continue;  // intel-rapl itself is no zone
      name_.assign(*text);
      const std::string index = take_index();
      const auto energy = sysfs.attribute(join_path(path_, directory_, "energy_uj"), context.buffer, Keep::yes);
      const auto joules =
          energy ? parse_number<std::uint64_t>(*energy, "energy_uj") : Result<std::uint64_t>(fail(energy.error()));
      if (!joules) {
        const bool denied = joules.error().code == Errc::denied;
        if (!is_gone(joules.error()))
          context.faults.partial(names_[i], "energy_uj", joules.error(), denied ? kRemedy : std::string_view());
        continue;
      }
      publish(context, sink, index, static_cast<double>(*joules) / 1e6);
    }
    made_.keep(sink);
    return {};
  }

 private:
  // "package-0" is number 0 of "package"; of others of the same name each has a number of its own.
  std::string take_index() {
    const std::size_t dash = name_.find('-');
    std::string_view digits = dash == std::string::npos ? std::string_view() : std::string_view(name_).substr(dash + 1);
    if (!digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos) {
      std::string index(digits);
      name_.resize(dash);
      const auto number = parse_number<unsigned>(index, "name");
      uses_[name_] = number ? *number + 1 : 0;
      return number ? std::to_string(*number) : index;
    }
    return std::to_string(uses_[name_]++);
  }

  void publish(CollectContext& context, Sink& sink, const std::string& index, double joules) {
    std::string path = root_of(context) + "/" + directory_;
    if (zone_label_) {
      const Family* family = made_.find("node_rapl_joules_total", [] {
        return MadeFamily{"Current RAPL value in joules", Kind::counter, kZoneLabels};
      });
      if (family != nullptr) sink.add(*family, {index, path, name_}, joules);
      return;
    }
    std::string name = "node_rapl_";
    append_metric_name(name, name_);
    name += "_joules_total";
    const auto known = std::ranges::find(kKnown, std::string_view(name), &Family::name);
    const Family* family = known != kKnown.end() ? &*known : made_.find(name, [&] {
      return MadeFamily{"Current RAPL " + name_ + " value in joules", Kind::counter, kLabels};
    });
    if (family != nullptr) sink.add(*family, {index, path}, joules);
  }

  static std::string root_of(CollectContext& context);

  bool zone_label_;
  Names names_;
  std::string directory_, name_, path_;
  std::map<std::string, unsigned, std::less<>> uses_;
  MadeFamilies made_;
};

std::string RaplCollector::root_of(CollectContext& context) { return std::string(context.host.sysfs->root()); }

const Registration kRegistration{{.name = "rapl",
                                  .help = "Energy used by processors and memory (RAPL).",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<RaplCollector>}};

}  // namespace
}  // namespace vitalsd
