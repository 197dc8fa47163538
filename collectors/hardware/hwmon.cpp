// Sensors of temperatures, fans, voltages and power (Documentation/hwmon/sysfs-interface.rst). The files are discovered
// when a chip appears, goes, or is probed again (its directory changes); other runs only read the sensors.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "collectors/hardware/hwmon_names.h"
#include "collectors/hardware/hwmon_values.h"
#include "collectors/kit/attributes.h"
#include "collectors/kit/made_families.h"
#include "collectors/kit/pattern.h"
#include "collectors/kit/seen_names.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "class/hwmon";
constexpr std::array<std::string_view, 2> kLabels = {"chip", "sensor"};
constexpr std::array<std::string_view, 2> kChipLabels = {"chip", "chip_name"};
constexpr std::array<std::string_view, 3> kSensorLabels = {"chip", "sensor", "label"};
constexpr std::size_t kMostFiles = 4096;  // for all chips together

constexpr Family kChipNames{
    "node_hwmon_chip_names", Kind::gauge, "Annotation metric for human-readable chip names", {}, kChipLabels};
constexpr Family kSensorLabel{
    "node_hwmon_sensor_label", Kind::gauge, "Label for given chip and sensor", {}, kSensorLabels};
// The names that dashboards and alerts use; others are made from the drivers' files.
constexpr std::array kKnown = {
    Family{"node_hwmon_temp_celsius", Kind::gauge, "Hardware monitor for temperature (input)", {}, kLabels},
    Family{"node_hwmon_temp_crit_alarm_celsius",
           Kind::gauge,
           "Hardware monitor for temperature (crit_alarm)",
           {},
           kLabels},
    Family{"node_hwmon_temp_crit_celsius", Kind::gauge, "Hardware monitor for temperature (crit)", {}, kLabels},
    Family{
        "node_hwmon_temp_crit_hyst_celsius", Kind::gauge, "Hardware monitor for temperature (crit_hyst)", {}, kLabels},
    Family{"node_hwmon_temp_max_celsius", Kind::gauge, "Hardware monitor for temperature (max)", {}, kLabels},
    Family{"node_hwmon_fan_min_rpm", Kind::gauge, "Hardware monitor for fan revolutions per minute (min)", {}, kLabels},
    Family{"node_hwmon_fan_rpm", Kind::gauge, "Hardware monitor for fan revolutions per minute (input)", {}, kLabels},
    Family{"node_hwmon_in_volts", Kind::gauge, "Hardware monitor for voltage (input)", {}, kLabels},
    Family{"node_hwmon_power_average_watt",
           Kind::gauge,
           "Hardware monitor for power usage in watts (average)",
           {},
           kLabels},
};
constexpr auto kFamilies =
    family_list<family_total(kChipNames, kSensorLabel, kKnown)>(kChipNames, kSensorLabel, kKnown);

constexpr std::array kOptions = {
    OptionSpec{"chip_include", OptionType::regex, "", "Chips to report; excludes chip_exclude."},
    OptionSpec{"chip_exclude", OptionType::regex, "", "Chips to leave out; excludes chip_include."},
    OptionSpec{"sensor_include", OptionType::regex, "", "Sensors to report, as CHIP;SENSOR; excludes sensor_exclude."},
    OptionSpec{"sensor_exclude", OptionType::regex, "",
               "Sensors to leave out, as CHIP;SENSOR; excludes sensor_include."},
};

struct SensorValue {
  std::string directory, file, sensor;
  const Family* family;
  double scale;
};
struct Chip {
  std::string name, human_name;
  std::vector<SensorValue> values;
  std::vector<std::pair<std::string, std::string>> labels;  ///< sensor, label
};

class HwmonCollector final : public Collector {
 public:
  explicit HwmonCollector(const Options& options)
      : chips_wanted_(make_filter(options, "chip_include", "chip_exclude")),
        sensors_wanted_(make_filter(options, "sensor_include", "sensor_exclude")) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto listed = context.host.sysfs->list(kRoot, names_); !listed) return fail(listed.error());
    if (names_.size() == 0) return fail(Errc::unavailable, kRoot);
    if (is_discovery_due()) discover(context);
    for (const Chip& chip : chips_) publish(context, sink, chip);
    made_.keep(sink);
    return {};
  }

 private:
  bool is_discovery_due() {
    if (!seen_.changed(names_) && --rounds_left_ > 0) return false;
    rounds_left_ = kRoundsUntilDiscovery;
    return true;
  }

  void discover(CollectContext& context) {
    chips_.clear();
    files_ = 0;
    std::map<std::string, unsigned> uses;  // of each name, since several chips may belong to one device
    std::vector<std::string> bases;
    for (std::size_t i = 0; i < names_.size(); ++i) ++uses[bases.emplace_back(base_name(context, names_[i]))];
    for (std::size_t i = 0; i < names_.size(); ++i) {
      Chip chip{.name = bases[i], .human_name = {}, .values = {}, .labels = {}};
      const std::string directory = std::string(kRoot) + "/" + std::string(names_[i]);
      if (const auto name = read_attribute(*context.host.sysfs, directory, "name", context, Keep::no))
        chip.human_name = hwmon::clean(*name);
      if (uses[chip.name] > 1) chip.name += "_" + (chip.human_name.empty() ? hwmon::clean(names_[i]) : chip.human_name);
      if (!chips_wanted_.keeps(chip.name)) continue;
      std::map<std::string, std::map<std::string, std::string>> sensors;  // sensor -> property -> directory
      find_sensors(context, directory, sensors);
      find_sensors(context, directory + "/device", sensors);
      for (const auto& [sensor, properties] : sensors) add_sensor(context, chip, sensor, properties);
      chips_.push_back(std::move(chip));
    }
  }

  // The path of the device is stable; the number N of hwmonN is not.
  std::string base_name(CollectContext& context, std::string_view name) const {
    const std::string directory = std::string(kRoot) + "/" + std::string(name);
    const FileSource& sysfs = *context.host.sysfs;
    std::string real = directory;
    if (const auto link = sysfs.link(directory, context.buffer)) real = hwmon::resolve(kRoot, *link);
    if (const auto device = sysfs.link(directory + "/device", context.buffer)) {
      std::string by_device = hwmon::name_of_device(hwmon::resolve(real, *device));
      if (!by_device.empty()) return by_device;
    }
    if (const auto human = read_attribute(sysfs, directory, "name", context, Keep::no)) {
      std::string cleaned = hwmon::clean(*human);
      if (!cleaned.empty()) return cleaned;
    }
    return hwmon::clean(name);
  }

  static void find_sensors(CollectContext& context, const std::string& directory,
                           std::map<std::string, std::map<std::string, std::string>>& sensors) {
    Names files;
    if (!context.host.sysfs->list(directory, files)) return;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (files[i] == "power") continue;  // the directory of runtime power management, which every device has
      const auto file = hwmon::split(files[i]);
      if (file)
        sensors[file->sensor].insert_or_assign(std::string(file->property), directory + "/" + std::string(files[i]));
    }
  }

  void add_sensor(CollectContext& context, Chip& chip, const std::string& sensor,
                  const std::map<std::string, std::string>& properties) {
    if (!sensors_wanted_.keeps(chip.name + ";" + sensor)) return;
    const std::string_view type = std::string_view(sensor).substr(0, sensor.find_last_not_of("0123456789") + 1);
    std::string shown = sensor;
    if (const auto label = properties.find("label"); label != properties.end()) {
      const auto text = context.host.sysfs->attribute(label->second, context.buffer);
      if (text && !text->empty()) {
        chip.labels.emplace_back(sensor, *text);
        // The clocks of a GPU are published under their labels.
        const std::string cleaned = hwmon::clean(*text);
        if (type == "freq" && !cleaned.empty()) shown = cleaned;
      }
    }
    for (const auto& [property, path] : properties) {
      if (property == "label" || files_ >= kMostFiles) continue;
      const auto meaning = hwmon::meaning_of(type, property, properties.contains(""));
      const Family* family = find_family(meaning);
      if (family == nullptr) continue;
      const std::size_t slash = path.rfind('/');
      chip.values.push_back({path.substr(0, slash), path.substr(slash + 1), shown, family, meaning.scale});
      ++files_;
    }
  }

  const Family* find_family(const hwmon::Meaning& meaning) {
    const auto known = std::ranges::find(kKnown, std::string_view(meaning.name), &Family::name);
    if (known != kKnown.end()) return &*known;
    return made_.find(meaning.name, [&] { return MadeFamily{meaning.help, meaning.kind, kLabels}; });
  }

  static void publish(CollectContext& context, Sink& sink, const Chip& chip) {
    if (!chip.human_name.empty()) sink.add(kChipNames, {chip.name, chip.human_name}, 1);
    for (const auto& [sensor, label] : chip.labels) sink.add(kSensorLabel, {chip.name, sensor, label}, 1);
    for (const SensorValue& value : chip.values) {
      const auto text = read_attribute(*context.host.sysfs, value.directory, value.file, context);
      if (!text) continue;
      // Not every file of a sensor is a number. Other text is left out without a fault.
      const auto number = parse_number<double>(*text, "hwmon");
      if (number) sink.add(*value.family, {chip.name, value.sensor}, *number * value.scale);
    }
  }

  static constexpr int kRoundsUntilDiscovery = 60;  // drivers may add files to a known chip

  Filter chips_wanted_, sensors_wanted_;
  Names names_;
  SeenNames seen_;
  int rounds_left_ = 0;
  std::vector<Chip> chips_;
  std::size_t files_ = 0;
  MadeFamilies made_;
};

const Registration kRegistration{{.name = "hwmon",
                                  .help = "Sensors of temperatures, fans, voltages and power.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<HwmonCollector>}};

}  // namespace
}  // namespace vitalsd
