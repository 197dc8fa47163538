// What a collector may need beyond the rights of an ordinary process. Its registration declares it, and the daemon
// drops the capabilities that no collector needs.
//   .powers = [](const Options& options, const Host&) { return options.flag("fds") ? Powers{Power::read_processes} :
//   Powers{}; }
#pragma once

#include <linux/capability.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace vitalsd {

enum class Power : std::uint8_t {
  read_processes,
  bpf,
  exit_events,
  pressure_triggers,
  cgroup_triggers,
  perf_events,
  kernel_log,
  run_programs,
  switch_users,
};

/// A set of powers.
class Powers {
 public:
  constexpr Powers() = default;
  constexpr Powers(std::initializer_list<Power> all) {
    for (const Power power : all) add(power);
  }
  constexpr void add(Power power) noexcept { bits_ |= bit(power); }
  constexpr bool has(Power power) const noexcept { return (bits_ & bit(power)) != 0; }
  constexpr Powers operator|(Powers other) const noexcept {
    other.bits_ |= bits_;
    return other;
  }
  constexpr bool operator==(const Powers&) const = default;

 private:
  static constexpr std::uint32_t bit(Power power) noexcept { return 1U << static_cast<unsigned>(power); }
  std::uint32_t bits_ = 0;
};

/// A bit mask, as for capset(2).
using Capabilities = std::uint64_t;
constexpr Capabilities capability(unsigned number) noexcept { return Capabilities{1} << number; }

struct KernelVersion {
  int major = 0, minor = 0;
  constexpr auto operator<=>(const KernelVersion&) const = default;
};

struct PowerSpec {
  Power power;
  std::string_view what;  ///< for people
  Capabilities capabilities = 0;
  KernelVersion free_since = {1000, 0};  ///< the kernel grants it to everybody since this version
};

inline constexpr std::array<PowerSpec, 9> kPowers = {{
    // io, exe, cwd, root, fd, smaps_rollup: the kernel checks both, the second for files of mode 0400.
    {Power::read_processes, "files of other processes", capability(CAP_SYS_PTRACE) | capability(CAP_DAC_READ_SEARCH)},
    // CAP_SYS_RESOURCE is not needed: kernels that have the iterator do not count maps as locked memory.
    {Power::bpf, "bpf(2)", capability(CAP_BPF) | capability(CAP_PERFMON)},
    // Before Linux 6.6 needed to listen; since then only for a receive buffer beyond the system's limit.
    {Power::exit_events, "the process connector", capability(CAP_NET_ADMIN)},
    {Power::pressure_triggers, "pressure triggers", capability(CAP_SYS_RESOURCE), {6, 5}},
    {Power::cgroup_triggers, "pressure triggers of cgroups", capability(CAP_SYS_RESOURCE), {6, 5}},
    // Needed where perf_event_paranoid forbids events of all processes and of the kernel.
    {Power::perf_events, "perf_event_open(2)", capability(CAP_PERFMON)},
    // Needed where dmesg_restrict is set.
    {Power::kernel_log, "the kernel's log", capability(CAP_SYSLOG)},
    // No capability: it is seccomp and Landlock that keep a process from starting others.
    {Power::run_programs, "other programs"},
    // The last one to end what runs as somebody else.
    {Power::switch_users, "other users' programs",
     capability(CAP_SETUID) | capability(CAP_SETGID) | capability(CAP_KILL)},
}};

}  // namespace vitalsd
