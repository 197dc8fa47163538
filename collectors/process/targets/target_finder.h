// Finds all targets by one walk over the processes in /proc.
//   if (auto walked = finder.walk(context, targets, self); !walked) return walked; finder.found(i).main
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kit/pid_path.h"
#include "collectors/process/targets/pod_places.h"
#include "collectors/process/targets/target.h"
#include "core/collector.h"

namespace vitalsd {

/// What a walk found for one target.
struct TargetMatches {
  struct Match {
    ProcessId process;
    std::int32_t ppid;
  };
  std::vector<Match> all;      ///< by pid
  std::string_view denied;     ///< "exe" or "stat": a field that could not be compared for some processes, or empty
  std::optional<Error> error;  ///< the error for `denied`

  /// The process to watch: the oldest one whose parent does not match, and the lowest pid among equals. For daemons
  /// that fork workers this is the main process.
  std::optional<ProcessId> main() const;
};

class TargetFinder {
 public:
  explicit TargetFinder(std::size_t targets) : found_(targets) {}

  /// Looks at every process once, for all targets that need it. Ignores ended processes. `self` is our own pid in that
  /// procfs, or 0: no command line pattern matches the daemon, whose own arguments contain the pattern. Errors: that of
  /// listing /proc; timed_out if the run must stop.
  Result<void> walk(CollectContext& context, std::span<const Target> targets, std::int32_t self);
  const TargetMatches& found(std::size_t target) const { return found_[target]; }

 private:
  // The texts of the current process, each read when the first target needs it.
  struct Text {
    bool read = false;
    bool usable = false;
    std::string buffer;
    std::string_view view;
  };
  void look_at(CollectContext& context, std::span<const Target> targets, std::int32_t pid, std::int32_t self);
  bool fits(CollectContext& context, const TargetSpec& spec, const PidStat& stat, TargetMatches& matches);
  const Text& exe(CollectContext& context, std::int32_t pid);
  const Text& cmdline(CollectContext& context, std::int32_t pid);
  const Text& cgroup(CollectContext& context, std::int32_t pid);
  bool still(CollectContext& context, const ProcessId& process);

  void take_places(std::span<const Target> targets);

  std::vector<TargetMatches> found_;
  std::optional<PodPlaces> places_;  // if any target asks for a place
  Names names_;
  PidPath path_;
  Text exe_, cmdline_, cgroup_;
  std::string again_;
  std::optional<Error> exe_denied_;
};

/// The executable's path without the " (deleted)" that the kernel appends after an upgrade.
std::string_view executable_path(std::string_view link);

/// A command line for people: joins the arguments by spaces in place, and drops the final terminators.
std::string_view join_arguments(std::string& buffer, std::string_view text);

}  // namespace vitalsd
