// The host's name as uname(2) gives it; in a pod, the pod's name.
#pragma once

#include <sys/utsname.h>

#include <string>

namespace vitalsd {

inline std::string host_name() {
  utsname names{};
  return ::uname(&names) == 0 ? std::string(static_cast<const char*>(names.nodename)) : std::string();
}

}  // namespace vitalsd
