// From the text of the configuration file to assigned settings: keys looked up, strings expanded, types checked.
#pragma once

#include <string>
#include <string_view>

#include "daemon/config/interpolate.h"
#include "daemon/config/settings.h"

namespace vitalsd::conf {

/// `file` is the name that faults give. Any bytes will do for `text`.
Assignments read_file_layer(const std::string& file, std::string_view text, const Settings& settings,
                            const Environment& environment, Faults& faults);

/// As read_file_layer, of a file that holds what else would stand in `section`; nothing is expanded in its strings, so
/// that files of other programs mean here what they mean there.
Assignments read_section_file(const std::string& file, std::string_view text, const std::string& section,
                              const Settings& settings, Faults& faults);

}  // namespace vitalsd::conf
