#include "core/result.h"

#include <array>
#include <cerrno>
#include <system_error>

namespace vitalsd {

Errc classify_errno(int sys) noexcept {
  switch (sys) {
    case ENOENT:
    case ENOTDIR:
    case EOPNOTSUPP:
    case ENOSYS:
    case ENXIO: return Errc::unavailable;
    case ESRCH:
    case ENODEV: return Errc::vanished;
    case EACCES:
    case EPERM: return Errc::denied;
    default: return Errc::io;
  }
}

std::string_view name_of(Errc code) noexcept {
  static constexpr std::array<std::string_view, 8> kNames = {"unavailable", "vanished",  "denied", "malformed",
                                                             "too_large",   "timed_out", "io",     "would_open"};
  return kNames[static_cast<std::size_t>(code)];
}

std::string describe(const Error& error) {
  std::string text(error.where);
  text += text.empty() ? "" : ": ";
  text += name_of(error.code);
  if (error.sys != 0) text += " (" + std::generic_category().message(error.sys) + ")";
  return text;
}

}  // namespace vitalsd
