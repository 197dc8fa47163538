// The table of system calls that are refused, always or for some arguments, because the daemon never makes them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace vitalsd::seccomp {

enum class Test : std::uint8_t { equal, different, above, any_bit, no_bit };

/// A test of the low 32 bits of one argument. For calls without a row that tests `high`, the kernel uses no other bits.
struct Condition {
  std::uint8_t argument;
  Test test;
  std::uint32_t value;
  std::uint32_t mask = ~0U;
  bool high = false;  ///< test the high 32 bits instead
};

/// Stands for the process's own id in Condition::value.
inline constexpr std::uint32_t kSelf = 0xFFFF'FFFFU;

/// What the daemon does only if its configuration needs it.
enum class Deed : std::uint8_t {
  bpf,
  perf_events,
  write_files,   ///< opens files for writing, at least pressure triggers
  keep_files,    ///< makes, renames and removes files, for a state directory, sockets, or commands that write
  seek,          ///< seeks in files: libbpf in the kernel's BTF file, commands anywhere
  run_programs,  ///< starts programs, which inherit the daemon's filter
  switch_users,
};

/// A call that is refused when all its conditions hold. Several rows for one call are alternatives.
struct Rule {
  std::string_view name;
  std::uint32_t number;
  std::span<const Condition> when = {};
  std::optional<Deed> unless = {};
  int error = 1;  ///< EPERM
};

std::span<const Rule> rules();

}  // namespace vitalsd::seccomp
