// The command line: what its flags assign, and the command among them.
//   --flag=value, --flag value; switches also --no-flag and --flag=false
#pragma once

#include <span>
#include <string>

#include "daemon/settings.h"

namespace vitalsd::conf {

struct CommandLine {
  Assignments assigned;
  bool healthcheck = false;
};

CommandLine parse_flags(std::span<const std::string> arguments, const Settings& settings, Faults& faults);

}  // namespace vitalsd::conf
