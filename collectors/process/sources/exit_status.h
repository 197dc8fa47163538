// How a process ended, asked of its pidfd once its parent has waited for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/fd.h"

namespace vitalsd {

/// As waitpid() tells it. Nothing while it lives or is a zombie, and before Linux 6.15 (PIDFD_GET_INFO,
/// include/uapi/linux/pidfd.h); needs no privilege.
std::optional<std::uint32_t> exit_status_of(const Fd& pidfd) noexcept;

/// "exit_0", "exit_1", "SIGKILL": a label value with bounded variety. `status` is as waitpid() tells it.
std::string_view exit_reason(std::uint32_t status, std::string& buffer);

}  // namespace vitalsd
