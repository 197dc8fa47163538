#include "collectors/hardware/hwmon_values.h"

#include <algorithm>
#include <array>

#include "collectors/hardware/hwmon_names.h"

namespace vitalsd::hwmon {
namespace {

/// The first matching row defines what a file means. An empty type or property matches any.
struct Rule {
  std::string_view type;
  std::string_view property;
  std::string_view suffix;  ///< appended to the family's name
  std::string_view help;    ///< "%" stands for the property
  double scale = 1;
  Kind kind = Kind::gauge;
  std::string_view name = {};  ///< if set, the whole name, instead of type, property and suffix
};

constexpr std::array kRules = {
    Rule{"beep_enable", "", "", "Hardware beep enabled", 1, Kind::gauge, "node_hwmon_beep_enabled"},
    Rule{"vrm", "", "", "Hardware voltage regulator", 1, Kind::gauge, "node_hwmon_voltage_regulator_version"},
    Rule{"update_interval", "", "", "Hardware monitor update interval", 1e-3, Kind::gauge,
         "node_hwmon_update_interval_seconds"},
    Rule{"", "beep", "_enabled", "Hardware monitor sensor has beeping enabled"},
    Rule{"in", "", "_volts", "Hardware monitor for voltage (%)", 1e-3},
    Rule{"cpu", "", "_volts", "Hardware monitor for voltage (%)", 1e-3},
    Rule{"temp", "type", "", "Hardware monitor temp element %"},
    Rule{"temp", "", "_celsius", "Hardware monitor for temperature (%)", 1e-3},
    Rule{"curr", "", "_amps", "Hardware monitor for current (%)", 1e-3},
    Rule{"energy", "", "_joule_total", "Hardware monitor for joules used so far (%)", 1e-6, Kind::counter},
    Rule{"power", "accuracy", "", "Hardware monitor power meter accuracy, as a ratio", 1e-6},
    Rule{"power", "average_interval", "_seconds", "Hardware monitor power usage update interval (%)", 1e-3},
    Rule{"power", "average_interval_min", "_seconds", "Hardware monitor power usage update interval (%)", 1e-3},
    Rule{"power", "average_interval_max", "_seconds", "Hardware monitor power usage update interval (%)", 1e-3},
    Rule{"power", "", "_watt", "Hardware monitor for power usage in watts (%)", 1e-6},
    Rule{"humidity", "", "",
         "Hardware monitor for humidity, as a ratio (multiply with 100.0 to get the humidity as a percentage) (%)",
         1e-6},
    Rule{"fan", "input", "_rpm", "Hardware monitor for fan revolutions per minute (%)"},
    Rule{"fan", "min", "_rpm", "Hardware monitor for fan revolutions per minute (%)"},
    Rule{"fan", "max", "_rpm", "Hardware monitor for fan revolutions per minute (%)"},
    Rule{"fan", "target", "_rpm", "Hardware monitor for fan revolutions per minute (%)"},
    Rule{"freq", "input", "_freq_mhz", "Hardware monitor for GPU frequency in MHz", 1e-6},
};

}  // namespace

Meaning meaning_of(std::string_view type, std::string_view property, bool has_bare) {
  Meaning meaning;
  meaning.name.append("node_hwmon_").append(type);
  const bool plain = property.empty() || (property == "input" && !has_bare);
  if (!plain) meaning.name.append("_").append(clean(property));
  // No unit, whatever the type, because a state is not a temperature.
  if (property == "alarm" || property == "fault") {
    meaning.help.append("Hardware sensor ").append(property).append(" status (").append(type).append(")");
    return meaning;
  }
  const auto rule = std::ranges::find_if(kRules, [&](const Rule& r) {
    return (r.type.empty() || r.type == type) && (r.property.empty() || r.property == property);
  });
  if (rule == kRules.end()) {
    meaning.help.append("Hardware monitor ").append(type).append(" element ").append(property);
    return meaning;
  }
  if (!rule->name.empty()) meaning.name = rule->name;
  meaning.name += rule->suffix;
  for (const char c : rule->help) {
    if (c == '%')
      meaning.help += property;
    else
      meaning.help += c;
  }
  meaning.kind = rule->kind;
  meaning.scale = rule->scale;
  return meaning;
}

}  // namespace vitalsd::hwmon
