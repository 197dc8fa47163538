// Which targets are up, as the newest block of the collector `targets` tells.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/block.h"

namespace vitalsd {

/// Name and whether it is up, in the order of the configuration; those that the kernel does not let us look at are left
/// out.
std::vector<std::pair<std::string, bool>> target_states(const Snapshot& snapshot);

}  // namespace vitalsd
