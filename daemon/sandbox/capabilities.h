// Reads the capabilities of this process and gives up those that it does not need (capabilities(7)).
//   if (auto state = capabilities::keep(capability(CAP_BPF)); state != kStepOn) ...
#pragma once

#include <optional>
#include <string>

#include "core/powers.h"

namespace vitalsd::capabilities {

struct Held {
  Capabilities effective = 0, permitted = 0, inheritable = 0;
  bool operator==(const Held&) const = default;
};

/// The capabilities of the calling thread; nothing if capget(2) fails.
std::optional<Held> held();

/// Sets the effective capabilities of the calling thread; they must be permitted ones. False if the kernel refuses.
bool set_effective(const Held& held, Capabilities effective);

/// Removes all but `wanted` from the effective, permitted, inheritable and ambient sets and, with CAP_SETPCAP, from the
/// bounding set, for the calling thread and threads that it starts later. Returns "on", or why it failed.
std::string keep(Capabilities wanted);

/// "CAP_SYS_PTRACE CAP_BPF"; empty for none.
std::string names_of(Capabilities set);

}  // namespace vitalsd::capabilities
