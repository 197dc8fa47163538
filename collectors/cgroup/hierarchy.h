// Where the cgroups are: version 2, version 1 with a directory for each controller, or both (hybrid).
//   const auto tree = Hierarchy::find(files, Hierarchy::mounted(files, self, buffer)); tree->of("memory")
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"

namespace vitalsd {

class Hierarchy {
 public:
  /// What a process' mountinfo says, and where the root of the source lies in its paths ("/host/sys/fs/cgroup").
  struct Mounted {
    std::string_view mountinfo, place;
  };
  /// That of the daemon itself for `files`; `buffer` holds it. Empty where it cannot be read.
  static Mounted mounted(const FileSource& files, const FileSource& self, std::string& buffer);
  /// Looks what lies below the root of `files`. The options of a mount of version 1 say which controllers it has
  /// (kernel/cgroup/cgroup-v1.c cgroup1_show_options()), whatever its directory is called; where none says so, the
  /// names and the files of the directories do. Unavailable when there are no cgroups at all.
  static Result<Hierarchy> find(const FileSource& files, const Mounted& mounted = {});

  /// Version 2 everywhere.
  bool unified() const noexcept { return unified_; }
  /// The directory of a controller of version 1, without slashes at its ends; empty when it has none.
  std::string_view of(std::string_view controller) const noexcept;
  /// Whether its root is the machine's and not that of a container. The files tell: some are in every cgroup but the
  /// root of version 2, or in the root alone of version 1 (kernel/cgroup/cgroup.c, cgroup-v1.c). Reads one file.
  bool is_machines(const FileSource& files, std::string& buffer) const;
  /// The directories under which cgroups are to be looked for: one for version 2, else those of the controllers.
  const std::vector<std::string>& roots() const noexcept { return roots_; }

 private:
  struct Mount {
    std::string controller, directory;
  };
  void add(std::string_view controller, std::string_view directory);

  bool unified_ = false;
  std::vector<Mount> mounts_;
  std::vector<std::string> roots_;
};

/// The path of a file of the cgroup `id` ("/a/b"), below the root of the source; `directory` is Hierarchy::of() a
/// controller, or empty for version 2. Views into `buffer`.
std::string_view cgroup_file(std::string& buffer, std::string_view directory, std::string_view id,
                             std::string_view file);

}  // namespace vitalsd
