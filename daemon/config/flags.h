// Parses the command line: the settings that its flags assign, and the command among them.
//   --flag=value, --flag value; for switches also --flag, --no-flag and --flag=false
#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/config/settings.h"

namespace vitalsd::conf {

struct CommandLine {
  Assignments assigned;
  bool healthcheck = false;
  bool help_all = false;               ///< --help=all
  std::vector<std::string> rest = {};  ///< the arguments after `--`: another program's flags, for --migrate
};

CommandLine parse_flags(std::span<const std::string> arguments, const Settings& settings, Faults& faults);

}  // namespace vitalsd::conf
