// What a value's type cannot say: addresses, paths, labels, names given twice, and what collectors check themselves.
#pragma once

#include "daemon/config/settings.h"

namespace vitalsd::conf {

/// Every check that needs the effective values; skips those that are already reported as broken.
void check_values(const Settings& settings, const Values& values, Faults& faults);
/// Builds each enabled collector and puts its complaint at the place where the option was given.
void check_collectors(const Settings& settings, const Values& values, const Config& config, Faults& faults);

}  // namespace vitalsd::conf
