// Batteries and mains (Documentation/ABI/testing/sysfs-class-power).
#include <array>
#include <string>

#include "collectors/kit/attributes.h"
#include "collectors/kit/joined.h"
#include "collectors/kit/pattern.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "class/power_supply";
constexpr std::array<std::string_view, 1> kLabels = {"power_supply"};

template <Literal File, Literal Name>
constexpr Attribute as(double scale) {
  return {joined<File>,
          {joined<"node_power_supply_", Name>,
           Kind::gauge,
           joined<Name, " value of /sys/class/power_supply/<power_supply>.">,
           {},
           kLabels},
          scale};
}
template <Literal File, Literal Name = File>
constexpr Attribute kPlain = as<File, Name>(1);
template <Literal File, Literal Name = File>
constexpr Attribute kMicro = as<File, Name>(1e-6);
template <Literal File, Literal Name>
constexpr Attribute kTenth = as<File, Name>(0.1);

constexpr std::array kTable = {
    kPlain<"authentic">,
    kPlain<"calibrate">,
    kPlain<"capacity">,
    kPlain<"capacity_alert_max">,
    kPlain<"capacity_alert_min">,
    kPlain<"cycle_count", "cyclecount">,
    kPlain<"online">,
    kPlain<"present">,
    kPlain<"time_to_empty_now", "time_to_empty_seconds">,
    kPlain<"time_to_full_now", "time_to_full_seconds">,
    kMicro<"current_boot">,
    kMicro<"current_max">,
    kMicro<"current_now", "current_ampere">,
    kMicro<"energy_empty">,
    kMicro<"energy_empty_design">,
    kMicro<"energy_full">,
    kMicro<"energy_full_design">,
    kMicro<"energy_now", "energy_watthour">,
    kMicro<"voltage_boot">,
    kMicro<"voltage_max">,
    kMicro<"voltage_max_design">,
    kMicro<"voltage_min">,
    kMicro<"voltage_min_design">,
    kMicro<"voltage_now", "voltage_volt">,
    kMicro<"voltage_ocv">,
    kMicro<"charge_control_limit">,
    kMicro<"charge_control_limit_max">,
    kMicro<"charge_counter">,
    kMicro<"charge_empty">,
    kMicro<"charge_empty_design">,
    kMicro<"charge_full">,
    kMicro<"charge_full_design">,
    kMicro<"charge_now", "charge_ampere">,
    kMicro<"charge_term_current">,
    kMicro<"constant_charge_current">,
    kMicro<"constant_charge_current_max">,
    kMicro<"constant_charge_voltage">,
    kMicro<"constant_charge_voltage_max">,
    kMicro<"precharge_current">,
    kMicro<"input_current_limit">,
    kMicro<"power_now", "power_watt">,
    kTenth<"temp", "temp_celsius">,
    kTenth<"temp_alert_max", "temp_alert_max_celsius">,
    kTenth<"temp_alert_min", "temp_alert_min_celsius">,
    kTenth<"temp_ambient", "temp_ambient_celsius">,
    kTenth<"temp_ambient_max", "temp_ambient_max_celsius">,
    kTenth<"temp_ambient_min", "temp_ambient_min_celsius">,
    kTenth<"temp_max", "temp_max_celsius">,
    kTenth<"temp_min", "temp_min_celsius">,
};
// Attribute files that become labels of the info series under their own names, if they exist.
constexpr std::array<std::string_view, 11> kTexts = {"capacity_level", "charge_type",   "health", "manufacturer",
                                                     "model_name",     "serial_number", "status", "technology",
                                                     "type",           "usb_type",      "scope"};
constexpr Family kInfo{"node_power_supply_info", Kind::gauge, "info of /sys/class/power_supply/<power_supply>."};
constexpr auto kFamilies = family_list<family_total(kTable, kInfo)>(kTable, kInfo);

constexpr std::array kOptions = {
    OptionSpec{"ignored_supplies", OptionType::regex, "^$", "Power supplies to leave out."},
};

class PowerSupplyCollector final : public Collector {
 public:
  explicit PowerSupplyCollector(const Options& options)
      : ignored_("ignored_supplies", options.text("ignored_supplies")) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.list(kRoot, names_); !listed) return fail(listed.error());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (ignored_.found_in(names_[i])) continue;
      directory_.assign(kRoot).append("/").append(names_[i]);
      const std::array<std::string_view, 1> values = {names_[i]};
      add_attributes(kTable, sysfs, directory_, context, sink, sink.labels(kLabels, values));
      add_info(context, sink, names_[i]);
    }
    return {};
  }

 private:
  void add_info(CollectContext& context, Sink& sink, std::string_view name) {
    std::array<std::string_view, kTexts.size() + 1> labels = {"power_supply"}, values = {name};
    std::size_t used = 1;
    for (std::size_t i = 0; i < kTexts.size(); ++i) {
      const auto text = take_attribute(texts_[i], *context.host.sysfs, directory_, kTexts[i], context);
      if (text.empty()) continue;
      labels[used] = kTexts[i];
      values[used++] = text;
    }
    sink.add(kInfo, sink.labels({labels.data(), used}, {values.data(), used}), 1);
  }

  Pattern ignored_;
  Names names_;
  std::string directory_;
  std::array<std::string, kTexts.size()> texts_;
};

const Registration kRegistration{{.name = "powersupplyclass",
                                  .help = "Batteries and mains.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<PowerSupplyCollector>}};

}  // namespace
}  // namespace vitalsd
