// From the text of the configuration file to assigned settings: keys looked up, strings expanded, types checked.
#pragma once

#include <string>
#include <string_view>

#include "daemon/interpolate.h"
#include "daemon/settings.h"

namespace vitalsd::conf {

/// `file` is the name that faults tell. Any bytes will do for `text`.
Assignments read_file_layer(const std::string& file, std::string_view text, const Settings& settings,
                            const Environment& environment, Faults& faults);

}  // namespace vitalsd::conf
