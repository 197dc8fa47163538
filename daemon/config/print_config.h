// Writes what --config.print prints: the effective configuration as YAML that loads back to the same values, with each
// value's origin as a comment.
#pragma once

#include <string>

#include "daemon/config/settings.h"

namespace vitalsd::conf {

std::string print_config(const Settings& settings, const Values& values, const std::string& file);

/// `text` as a YAML scalar for our loader: quoted where YAML might not read it as text, and with each '$' doubled.
std::string yaml_text(std::string_view text);

}  // namespace vitalsd::conf
