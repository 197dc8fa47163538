// The environment: VITALSD_ and a flag's name in upper case. Lists are split at newlines if there are any, else at
// commas; records at newlines or else at semicolons.
#pragma once

#include <string_view>

#include "daemon/config/interpolate.h"
#include "daemon/config/settings.h"

namespace vitalsd::conf {

Assignments read_environment(const Environment& environment, const Settings& settings, Faults& faults);

/// What Kubernetes sets in every container beside a Service named vitalsd or vitalsd-something, and nobody asked for.
bool is_service_link(std::string_view name, std::string_view value);

}  // namespace vitalsd::conf
