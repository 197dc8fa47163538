// Splits the names of hwmon's files and makes names for chips and metrics (Documentation/hwmon/sysfs-interface.rst).
//   hwmon::split("temp1_crit_alarm")  ->  {"temp", "temp1", "crit_alarm"}
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vitalsd::hwmon {

struct SensorFile {
  std::string_view type;      ///< "temp"
  std::string sensor;         ///< "temp1"; number 0 where the name has none
  std::string_view property;  ///< "crit_alarm"; empty where the name has none
};

/// Nothing where the name is of no sensor that is known.
std::optional<SensorFile> split(std::string_view name);

/// Lower case, with `_` for all but letters, digits, ':' and '_', and none at either end.
std::string clean(std::string_view name);

/// The chip's name by its place in the tree of devices: "platform_coretemp_0" of "devices/platform/coretemp.0".
std::string name_of_device(std::string_view path);

/// `link` as seen from the directory that `from` names, without "." and "..": no file system is asked.
std::string resolve(std::string_view from, std::string_view link);

}  // namespace vitalsd::hwmon
