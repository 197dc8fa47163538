// What the enabled collectors ask of the sandbox, by their registrations and this host.
//   sandbox.enter(config, needs_of(config), surroundings, log);
#pragma once

#include "daemon/config/config.h"
#include "daemon/sandbox/sandbox_needs.h"

namespace vitalsd {

/// May read files of cgroups, but nothing that hangs.
Needs needs_of(const Config& config);

}  // namespace vitalsd
