// Which family a sensor's file belongs to, and its scale: hwmon counts in thousandths and millionths.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/family.h"

namespace vitalsd::hwmon {

struct Meaning {
  std::string name;  ///< of the family
  std::string help;
  Kind kind = Kind::gauge;
  double scale = 1;
};

/// Of a property ("input", "crit", …; "" of a sensor that is one file) of a sensor type. `has_bare`: the sensor also
/// has a file without a property, so that its "input" keeps the word in the family's name.
Meaning meaning_of(std::string_view type, std::string_view property, bool has_bare);

}  // namespace vitalsd::hwmon
