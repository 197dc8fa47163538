// The table of system calls that the daemon never makes, and how little of some it does make.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace vitalsd::seccomp {

enum class Test : std::uint8_t { equal, different, above, any_bit, no_bit };

/// Of the low 32 bits of one argument, which are all that the kernel looks at where `high` is not tested beside them.
struct Condition {
  std::uint8_t argument;
  Test test;
  std::uint32_t value;
  std::uint32_t mask = ~0U;
  bool high = false;  ///< of the high 32 bits instead
};

/// In place of a value: the process's own id.
inline constexpr std::uint32_t kSelf = 0xFFFF'FFFFU;

/// What the daemon does only where its configuration asks for it.
enum class Deed : std::uint8_t {
  bpf,
  perf_events,
  write_files,   ///< opens files for writing, if only pressure triggers
  keep_files,    ///< makes, renames and removes files: a state directory, sockets, or commands that write
  seek,          ///< in files: libbpf in the kernel's types, commands where they like
  run_programs,  ///< what the daemon's commands may do inherits its filter
  switch_users,
};

/// A call that is refused when all conditions hold; of several rows for one call, when those of any do.
struct Rule {
  std::string_view name;
  std::uint32_t number;
  std::span<const Condition> when = {};
  std::optional<Deed> unless = {};
  int error = 1;  ///< EPERM
};

std::span<const Rule> rules();

}  // namespace vitalsd::seccomp
