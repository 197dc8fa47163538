// Which of the watched targets are up: the names are the configuration's, the values the newest block's.
#pragma once

#include <string_view>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/run/store.h"

namespace vitalsd {

struct TargetState {
  std::string_view name;  ///< as configured; lives as long as the configuration
  bool up;
};

/// In the order of the configuration; those that the kernel does not let us look at, or that no run has seen yet, are
/// left out.
std::vector<TargetState> target_states(const Config& config, const Store& store);

}  // namespace vitalsd
