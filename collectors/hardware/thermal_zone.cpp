// Temperatures of thermal zones and states of cooling devices (Documentation/driver-api/thermal/sysfs-api.rst).
#include <array>
#include <string>

#include "collectors/kit/attributes.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "class/thermal";
constexpr std::array<std::string_view, 2> kZone = {"zone", "type"};
constexpr std::array<std::string_view, 2> kDevice = {"name", "type"};

constexpr std::array kZones = {
    Attribute{"temp", {"node_thermal_zone_temp", Kind::gauge, "Zone temperature in Celsius", {}, kZone}, 1e-3}};
constexpr std::array kDevices = {
    Attribute{
        "cur_state",
        {"node_cooling_device_cur_state", Kind::gauge, "Current throttle state of the cooling device", {}, kDevice}},
    Attribute{
        "max_state",
        {"node_cooling_device_max_state", Kind::gauge, "Maximum throttle state of the cooling device", {}, kDevice}},
};
constexpr auto kFamilies = family_list<family_total(kZones, kDevices)>(kZones, kDevices);

class ThermalZoneCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto listed = context.host.sysfs->list(kRoot, names_); !listed) return fail(listed.error());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      add(context, sink, names_[i], "thermal_zone", kZone, kZones);
      add(context, sink, names_[i], "cooling_device", kDevice, kDevices);
    }
    return {};
  }

 private:
  void add(CollectContext& context, Sink& sink, std::string_view name, std::string_view prefix,
           std::span<const std::string_view> labels, std::span<const Attribute> table) {
    if (!name.starts_with(prefix)) return;
    directory_.assign(kRoot).append("/").append(name);
    take_attribute(type_, *context.host.sysfs, directory_, "type", context);
    const std::array<std::string_view, 2> values = {name.substr(prefix.size()), type_};
    add_attributes(table, *context.host.sysfs, directory_, context, sink, sink.labels(labels, values));
  }

  Names names_;
  std::string directory_, type_;
};

const Registration kRegistration{{.name = "thermal_zone",
                                  .help = "Temperatures of thermal zones, states of cooling devices.",
                                  .families = kFamilies,
                                  .make = make_collector<ThermalZoneCollector>}};

}  // namespace
}  // namespace vitalsd
