// The capabilities of this process: what it holds, and how it gives up what it does not need.
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

/// Of the calling thread; nothing where the kernel does not say.
std::optional<Held> held();

/// What is usable at once, of what is permitted. Of the calling thread.
bool set_effective(const Held& held, Capabilities effective);

/// Gives up all but `wanted`: of what is effective, permitted, inheritable, ambient and, with CAP_SETPCAP, in the
/// bounding set. Of the calling thread and those that it starts from now on. "on", or
/// why not.
std::string keep(Capabilities wanted);

/// "CAP_SYS_PTRACE CAP_BPF"; empty for none.
std::string names_of(Capabilities set);

}  // namespace vitalsd::capabilities
