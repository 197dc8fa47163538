// The D-Bus of the system that is watched, as collectors ask it. Connects when it is first asked, and anew after an
// error.
//   host.bus = open_system_bus({.bus = bus_address("/", std::getenv("DBUS_SYSTEM_BUS_ADDRESS")), ...});
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/bus.h"

namespace vitalsd::bus {

/// In D-Bus' form: "unix:path=/run/dbus/system_bus_socket", several separated by semicolons.
struct Addresses {
  std::string system, manager;
};

/// The sockets of the system below `rootfs`, then, for a container that has the socket alone, of our own root. `given`
/// is the environment's DBUS_SYSTEM_BUS_ADDRESS, or null: it takes the place of the bus'.
Addresses addresses_of(std::string_view rootfs, const char* given);

/// Never null. Where libsystemd is not to be had, or cannot be opened by a static build, all that is asked fails with
/// a line that says so.
std::shared_ptr<BusSource> open_system_bus(Addresses addresses);

}  // namespace vitalsd::bus
