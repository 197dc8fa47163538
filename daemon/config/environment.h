// Reads settings from the environment. A variable is VITALSD_ and the flag's name in upper case. The value of a list is
// split at newlines if it has any, else at commas; a list of records at newlines, else at semicolons.
//   VITALSD_WEB_LISTEN_ADDRESS=":9955,unix:/run/vitalsd.sock"
#pragma once

#include <string_view>

#include "daemon/config/interpolate.h"
#include "daemon/config/settings.h"

namespace vitalsd::conf {

Assignments read_environment(const Environment& environment, const Settings& settings, Faults& faults);

/// Whether this is a variable that Kubernetes sets in every container near a Service named vitalsd or vitalsd-*.
bool is_service_link(std::string_view name, std::string_view value);

}  // namespace vitalsd::conf
