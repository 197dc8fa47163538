// Splits the names of hwmon files, and makes the names of chips and metrics (Documentation/hwmon/sysfs-interface.rst).
//   hwmon::split("temp1_crit_alarm")  ->  {"temp", "temp1", "crit_alarm"}
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vitalsd::hwmon {

struct SensorFile {
  std::string_view type;      ///< "temp"
  std::string sensor;         ///< "temp1"; the number is 0 if the name has none
  std::string_view property;  ///< "crit_alarm"; empty if the name has none
};

/// Splits a file's name. Empty if it is not the name of a known kind of sensor.
std::optional<SensorFile> split(std::string_view name);

/// Lower case, with `_` for all characters except letters, digits, ':' and '_', and without `_` at either end.
std::string clean(std::string_view name);

/// Names a chip by the path of its device: "platform_coretemp_0" for "devices/platform/coretemp.0".
std::string name_of_device(std::string_view path);

/// Resolves `link` relative to the directory `from` and removes "." and "..", without access to the file system.
std::string resolve(std::string_view from, std::string_view link);

}  // namespace vitalsd::hwmon
