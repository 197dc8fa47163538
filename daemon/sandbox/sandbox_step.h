// The state of one part of the sandbox, in words that are label values as well: "on", "off", or a short reason.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

namespace vitalsd {

inline constexpr std::string_view kStepOn = "on", kStepOff = "off";

/// Describes an errno of prctl(2), capset(2), seccomp(2) or landlock(7).
inline std::string describe_step_error(int error) {
  struct Meaning {
    int error;
    std::string_view text;
  };
  constexpr Meaning kMeanings[] = {{ENOSYS, "not in this kernel"},
                                   {EINVAL, "not in this kernel"},
                                   {EOPNOTSUPP, "switched off in this kernel"},
                                   {EPERM, "not permitted"},
                                   {EACCES, "not permitted"}};
  for (const Meaning& meaning : kMeanings) {
    if (meaning.error == error) return std::string(meaning.text);
  }
  return std::generic_category().message(error);
}

}  // namespace vitalsd
