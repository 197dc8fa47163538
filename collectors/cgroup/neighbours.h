// The other containers of our pod, seen through their processes: with a shared pid namespace, and as their user, their
// own cgroup files are reachable below /proc/PID/root/sys/fs/cgroup without any privilege.
//   neighbours.round(context, tree, walk); for (auto& [id, neighbour] : neighbours.all()) ...
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/cgroup/cgroup_reader.h"
#include "collectors/cgroup/cgroup_walk.h"
#include "collectors/kit/pid_path.h"
#include "core/collector.h"
#include "core/fd.h"

namespace vitalsd {

/// One container. Its directory stays open, so that what is read is its own, whoever has its processes' numbers now.
struct Neighbour {
  Cgroup cgroup;                   ///< its identity are views into the key
  std::unique_ptr<OpenRule> rule;  ///< of `files`, where they are a fixture's
  std::unique_ptr<FileSource> files;
  std::optional<CgroupReader> reader;
  Fd directory;  ///< of version 2, or of its first hierarchy
};

class Neighbours {
 public:
  enum class Mode : std::uint8_t { automatic, on, off };
  /// By the container's cgroup as /proc/PID/cgroup shows it to us: "/../cri-containerd-ID.scope", "/docker/ID".
  using All = std::map<std::string, Neighbour, std::less<>>;

  explicit Neighbours(Mode mode) : mode_(mode) {}

  /// Whether rounds may look into other processes: also where that cannot be told yet.
  static bool may_look(Mode mode, const FileSource& cgroupfs, const FileSource& self);

  /// Looks for containers among the processes that are new, now and then among all, and reads those that are known.
  /// Those in `walk` are left to it. Who does not let us look is told to `context.faults`. `wanted` is what to read of
  /// each. Those that have ended are noted in `gone`.
  void round(CollectContext& context, const Hierarchy& tree, const CgroupWalk& walk, const CgroupReader::Wanted& wanted,
             GoneCgroups& gone);
  /// Reads the usage alone of those that are known. False when one is not there any more: a round is to follow.
  bool read_usage(CollectContext& context);
  /// Of one of them.
  bool read_usage(CollectContext& context, std::string_view id);
  All& all() noexcept { return all_; }
  /// The processes in a neighbour, for its start time.
  static Result<std::string_view> processes(CollectContext& context, Neighbour& neighbour) {
    return neighbour.reader->processes(context, "/");
  }

 private:
  struct Refused {
    std::string id;
    Error error;
    int tries = 0;
  };
  static bool is_looking(Mode mode, const FileSource& files, const Hierarchy& tree, std::string& buffer);
  enum class Look : bool { at_new, at_all };
  bool has_new_processes(CollectContext& context);
  void look(CollectContext& context, const CgroupWalk& walk, Look which, GoneCgroups& gone);
  static bool read_usage_of(CollectContext& context, Neighbour& neighbour);
  void tell_refused(CollectContext& context) const;
  /// False when the process may be one to be looked at again.
  bool look_at(CollectContext& context, const CgroupWalk& walk, std::int32_t pid, Look which, GoneCgroups& gone);
  Result<Neighbour> open(CollectContext& context, std::int32_t pid, std::string_view id);
  void refuse(std::string_view id, const Error& error);
  bool is_given_up(std::string_view id) const;

  Mode mode_;
  std::optional<std::chrono::steady_clock::time_point> looked_;
  All all_;
  std::vector<Refused> refused_;
  std::string own_;             // our container's id
  std::string newest_pid_;      // as the kernel tells it
  bool again_ = false;          // some are to be looked at once more
  Names names_, known_, next_;  // of processes
  std::string text_;
  PidPath path_;
};

}  // namespace vitalsd
