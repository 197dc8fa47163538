// Finds targets among all processes, by one walk of /proc for all of them together.
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
  std::string_view denied;     ///< "exe", "stat": what some processes did not let us compare, or empty
  std::optional<Error> error;  ///< of `denied`

  /// The one to watch: of those whose parent is not among them the oldest, and of several the one with the lowest pid.
  /// It is the main process of those daemons that fork workers.
  std::optional<ProcessId> main() const;
};

class TargetFinder {
 public:
  explicit TargetFinder(std::size_t targets) : found_(targets) {}

  /// Looks at every process once for all targets that need it; what has ended is passed over. `self` is our own pid in
  /// that procfs, or 0: no command line pattern finds the daemon, whose own arguments hold the pattern.
  /// Errors: that of listing /proc; timed_out when the run is to stop.
  Result<void> walk(CollectContext& context, std::span<const Target> targets, std::int32_t self);
  const TargetMatches& found(std::size_t target) const { return found_[target]; }

 private:
  // The texts of the process being looked at, each read when the first target asks for it.
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
  std::optional<PodPlaces> places_;  // while a target asks for a place
  Names names_;
  PidPath path_;
  Text exe_, cmdline_, cgroup_;
  std::string again_;
  std::optional<Error> exe_denied_;
};

/// The executable's path without the " (deleted)" that the kernel adds after an upgrade.
std::string_view executable_path(std::string_view link);

/// A command line for people: arguments joined by spaces, in place, the terminators at its end left out.
std::string_view join_arguments(std::string& buffer, std::string_view text);

}  // namespace vitalsd
