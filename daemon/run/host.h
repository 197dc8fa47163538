// Builds the Host that a collector reads from.
#pragma once

#include <cstdlib>
#include <utility>

#include "core/collector.h"
#include "core/netlink.h"
#include "daemon/bus/system_bus.h"
#include "daemon/config/config.h"

namespace vitalsd {

/// `netlink` is null where the paths are not of the running kernel (daemon/run/own_network.h).
inline Host make_host(const Config::Paths& paths, const Clock& clock, std::shared_ptr<NetlinkSource> netlink = {}) {
  auto opening = std::make_unique<OpenRule>();
  OpenRule* const rule = opening.get();
  return {.opening = std::move(opening),
          .procfs = open_directory(paths.procfs, Resolve::as_is, rule),
          .sysfs = open_directory(paths.sysfs, Resolve::as_is, rule),
          .rootfs = open_directory(paths.rootfs, Resolve::in_root, rule),
          .cgroupfs = open_directory(paths.cgroupfs, Resolve::as_is, rule),
          .udev = open_directory(paths.udev_data, Resolve::as_is, rule),
          .self = open_directory("/proc/self", Resolve::as_is, rule),
          .units = Units::of_this_machine(),
          .clock = &clock,
          .state_directory = paths.state,
          .root_path = paths.rootfs,
          .netlink = std::move(netlink),
          .bus = bus::open_system_bus(bus::addresses_of(paths.rootfs, std::getenv("DBUS_SYSTEM_BUS_ADDRESS")))};
}

}  // namespace vitalsd
