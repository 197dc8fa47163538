// The table of system calls that the daemon never makes, and how little of some it does make.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/powers.h"

namespace vitalsd::seccomp {

enum class Test : std::uint8_t { equal, different, above, any_bit, no_bit };

/// Of the low 32 bits of one argument, all that the kernel looks at in those that are tested here.
struct Condition {
  std::uint8_t argument;
  Test test;
  std::uint32_t value;
  std::uint32_t mask = ~0U;
};

/// In place of a value: the process's own id.
inline constexpr std::uint32_t kSelf = 0xFFFF'FFFFU;

/// A call that is refused when all conditions hold; of several rows for one call, when those of any do.
struct Rule {
  std::string_view name;
  std::uint32_t number;
  std::span<const Condition> when = {};
  std::optional<Power> unless = {};
  int error = 1;  ///< EPERM
};

std::span<const Rule> rules();

}  // namespace vitalsd::seccomp
