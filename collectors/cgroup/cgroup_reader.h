// Reads one cgroup, of either version.
//   CgroupReader reader(tree); if (const auto done = reader.read(context, "/docker/x", stats); !done) ...
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "collectors/cgroup/cgroup_stats.h"
#include "collectors/cgroup/hierarchy.h"
#include "core/collector.h"

namespace vitalsd {

class CgroupReader {
 public:
  /// Reads from `files`, which outlive it, instead of the host's cgroupfs.
  explicit CgroupReader(Hierarchy tree, const FileSource* files = nullptr) : tree_(std::move(tree)), files_(files) {}

  const Hierarchy& tree() const noexcept { return tree_; }

  /// What is read only when asked for. `huge_pages` are sizes ("2MB") that live as long as the stats.
  struct Wanted {
    bool per_cpu = false;
    Keep keep = Keep::no;  ///< the source holds a few descriptors: for one or two cgroups
    std::span<const std::string> huge_pages = {};
  };
  void want(const Wanted& wanted) { wanted_ = wanted; }

  /// `id` is "/" or a path that begins with a slash. Vanished when it is not there any more. What single files do not
  /// tell is absent; that they are malformed or denied is told to `context.faults`.
  Result<void> read(CollectContext& context, std::string_view id, CgroupStats& stats);
  /// CgroupUsage alone; the rest stays as it was read before. Vanished when none of those is there that were.
  Result<void> read_usage(CollectContext& context, std::string_view id, CgroupStats& stats);

  /// The pids in the cgroup itself, as the kernel lists them.
  Result<std::string_view> processes(CollectContext& context, std::string_view id);

 private:
  void usage_v2(CollectContext& context, std::string_view id, CgroupStats& stats);
  void usage_v1(CollectContext& context, std::string_view id, CgroupStats& stats);
  void read_v2(CollectContext& context, std::string_view id, CgroupStats& stats);
  void read_v1(CollectContext& context, std::string_view id, CgroupStats& stats);
  void read_huge_pages(CollectContext& context, std::string_view id, CgroupStats& stats);
  void read_pressure(CollectContext& context, std::string_view directory, std::string_view id, CgroupStats& stats);
  Result<std::string_view> fetch(CollectContext& context, std::string_view path, Keep keep);
  Result<std::string_view> fetch_at_once(CollectContext& context, std::string_view path);
  /// Reads a file and has `take` parse it; a file that is not there is no fault. `field` is static.
  template <class Take>
  void take(CollectContext& context, std::string_view directory, std::string_view id, std::string_view file,
            std::string_view field, Take take);
  /// The same from the hierarchy of a controller of version 1, if there is one.
  template <class Take>
  void take_of(CollectContext& context, std::string_view controller, std::string_view id, std::string_view file,
               Take take_it);

  const FileSource& files(CollectContext& context) const { return files_ ? *files_ : *context.host.cgroupfs; }

  Hierarchy tree_;
  const FileSource* files_;
  Wanted wanted_;
  std::string path_, file_;
  // Of the files of a usage, in their order.
  unsigned asked_ = 0, wanted_files_ = 0, found_ = 0;
  std::uint32_t lacks_ = 0;  ///< a bit for each that was not there
  bool only_known_ = false;  ///< these are not asked for
};

}  // namespace vitalsd
