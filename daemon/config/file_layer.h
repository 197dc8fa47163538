// Turns the text of the configuration file into assigned settings: looks up keys, expands strings, checks types.
#pragma once

#include <string>
#include <string_view>

#include "daemon/config/interpolate.h"
#include "daemon/config/settings.h"

namespace vitalsd::conf {

/// `file` is the name that faults are reported under. `text` may be any bytes.
Assignments read_file_layer(const std::string& file, std::string_view text, const Settings& settings,
                            const Environment& environment, Faults& faults);

/// As read_file_layer, for a file whose keys are those of `section`. Its strings are not expanded, so that a file
/// written for another program keeps its meaning.
Assignments read_section_file(const std::string& file, std::string_view text, const std::string& section,
                              const Settings& settings, Faults& faults);

}  // namespace vitalsd::conf
