// Builds the Host that a collector reads from.
#pragma once

#include "core/collector.h"
#include "daemon/config.h"

namespace vitalsd {

inline Host make_host(const Config::Paths& paths, const Clock& clock) {
  return {.procfs = open_directory(paths.procfs),
          .sysfs = open_directory(paths.sysfs),
          .rootfs = open_directory(paths.rootfs, Resolve::in_root),
          .cgroupfs = open_directory(paths.cgroupfs),
          .self = open_directory("/proc/self"),
          .units = Units::of_this_machine(),
          .clock = &clock,
          .state_directory = paths.state};
}

}  // namespace vitalsd
