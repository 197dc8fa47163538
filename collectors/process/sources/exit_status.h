// Asks a pidfd how its process ended, after the parent has waited for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/fd.h"

namespace vitalsd {

/// The status as waitpid() returns it. Empty while the process lives or is a zombie, and before Linux 6.15
/// (PIDFD_GET_INFO, include/uapi/linux/pidfd.h). Needs no privilege.
std::optional<std::uint32_t> exit_status_of(const Fd& pidfd) noexcept;

/// "exit_0", "exit_1", "SIGKILL": a label value of bounded variety. `status` is as waitpid() returns it.
std::string_view exit_reason(std::uint32_t status, std::string& buffer);

}  // namespace vitalsd
