// The user's configuration of targets: one name and one selector per record of collectors.targets.watch.
//   {name: web, comm: nginx}; as a flag --collector.targets.watch=web:comm=nginx
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kit/pattern.h"
#include "core/options.h"

namespace vitalsd {

/// How a target is found, in the order of kTargetFields.
enum class Selector : std::uint8_t { pid, pidfile, comm, exe, cmdline, cgroup, unit, container, pod_container };

inline constexpr std::array<RecordField, 9> kTargetFields = {{
    {"pid", "Process id; not found again once that process has ended and another has its number."},
    {"pidfile", "File with the process id, below path.rootfs; not believed when older than the process it names."},
    {"comm", "Name of the process as the kernel has it, whole; only its first 15 bytes count."},
    {"exe", "Path of the executable, or its last component alone when there is no slash in it."},
    {"cmdline", "Regular expression (RE2) found in the command line, arguments joined by spaces."},
    {"cgroup", "Path of a cgroup, as in /proc/PID/cgroup: the processes in it and in those below."},
    {"unit", "systemd unit; .service is added where no type is given."},
    {"container", "Container's id, or at least its first 12 digits."},
    {"pod_container",
     "Place of a container in the pod, from 1: in the order of their start, not counting ours and the "
     "sandbox. Needs a shared pid namespace."},
}};

struct TargetSpec {
  std::string name;
  Selector selector = Selector::pid;
  std::string value;               ///< in its normal form for comparison: cut, completed, lower case
  std::int32_t pid = 0;            ///< of Selector::pid
  std::size_t place = 0;           ///< of Selector::pod_container
  std::optional<Pattern> pattern;  ///< of Selector::cmdline

  /// Whether finding it requires a walk over all processes.
  bool needs_walk() const noexcept { return selector != Selector::pid && selector != Selector::pidfile; }
};

/// Checks the records. Throws OptionError("watch") with a message that names the record and the remedy.
std::vector<TargetSpec> read_target_specs(const std::vector<Record>& records);

}  // namespace vitalsd
