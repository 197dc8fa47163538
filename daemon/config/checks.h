// Checks that go beyond a value's type: addresses, paths, labels, duplicate names, and each collector's own checks.
#pragma once

#include "daemon/config/settings.h"

namespace vitalsd::conf {

/// Makes every check that needs the effective values; skips values that already have a fault.
void check_values(const Settings& settings, const Values& values, Faults& faults);
/// Builds each enabled collector; if that fails, adds the collector's error at the place where the option was given.
void check_collectors(const Settings& settings, const Values& values, const Config& config, Faults& faults);

}  // namespace vitalsd::conf
