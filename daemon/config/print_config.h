// --config.print: the effective configuration as YAML that loads to the same, each value's origin as a comment.
#pragma once

#include <string>

#include "daemon/config/settings.h"

namespace vitalsd::conf {

std::string print_config(const Settings& settings, const Values& values, const std::string& file);

/// `text` as a YAML scalar of this loader: quoted where YAML could take it for something else, '$' doubled.
std::string yaml_text(std::string_view text);

}  // namespace vitalsd::conf
