// The family of a sensor's file, and its scale: hwmon's units are thousandths and millionths.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/family.h"

namespace vitalsd::hwmon {

struct Meaning {
  std::string name;  ///< the family's name
  std::string help;
  Kind kind = Kind::gauge;
  double scale = 1;
};

/// The meaning of a property ("input", "crit", …; "" for a sensor that is one file) of a sensor of this type. If
/// `has_bare`, the sensor also has a file without a property, so that "input" stays in the family's name.
Meaning meaning_of(std::string_view type, std::string_view property, bool has_bare);

}  // namespace vitalsd::hwmon
