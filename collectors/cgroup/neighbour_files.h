// The cgroups that another process sees below its root, whose owner may have put anything there: a link, a FIFO, a file
// system of its own (FUSE) that never answers. Nobody but the kernel is asked, and nothing is waited for.
//   auto seen = find_cgroups_of(process, buffer); NeighbourFiles files(std::move(seen->mounts)); files.read("cpu.stat")
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/fd.h"
#include "core/files.h"
#include "core/kept_files.h"

namespace vitalsd {

/// What a process has at /sys/fs/cgroup.
struct SeenCgroups {
  static constexpr std::string_view kPlace = "/sys/fs/cgroup";

  struct Mount {
    std::string name;  ///< of its directory there, for version 1; empty: the whole is version 2
    Fd directory;      ///< O_PATH
  };
  std::vector<Mount> mounts;
  std::string_view mountinfo;  ///< of that process: a view into the buffer
};

/// `process` is a directory of procfs. A path is followed only as far as the kernel's memory has it (RESOLVE_CACHED,
/// Linux 5.12), which it has of all that something is mounted on; before, the file system that a step is looked up in
/// must be of a kind that answers by itself. What is found there is known by its mount's number, which
/// /proc/PID/mountinfo has, and not by statfs(2), which a FUSE server answers. Errors: malformed (no cgroup file system
/// is there), unavailable, denied, io (finding out would have to wait).
Result<SeenCgroups> find_cgroups_of(int process, std::string& buffer);

/// Reads those, whatever is mounted over single files of them later. Directories cannot be listed, but for the root.
class NeighbourFiles final : public FileSource {
 public:
  explicit NeighbourFiles(std::vector<SeenCgroups::Mount> mounts) : mounts_(std::move(mounts)) {}

  Result<std::string_view> read(std::string_view path, std::string& buffer, Keep keep = Keep::no) const override;
  Result<std::string_view> attribute(std::string_view path, std::string& buffer, Keep keep = Keep::no) const override;
  Result<std::string_view> link(std::string_view path, std::string& buffer) const override;
  Result<void> list(std::string_view path, Names& out) const override;
  Result<void> directories(std::string_view path, Names& out) const override;
  Result<std::uint64_t> count(std::string_view path, Names& scratch, Keep keep = Keep::no) const override;
  Result<int> open(std::string_view path) const override;
  Result<RegularFile> regular(std::string_view path, std::string& buffer) const override;
  bool is_kernel() const noexcept override { return true; }

 private:
  template <class Use>
  Result<std::string_view> with_descriptor(std::string_view path, Keep keep, Use use) const;

  std::vector<SeenCgroups::Mount> mounts_;
  mutable std::string path_;
  mutable KeptFiles kept_{KeptBudget::of_process()};
};

}  // namespace vitalsd
