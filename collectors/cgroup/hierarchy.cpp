#include "collectors/cgroup/hierarchy.h"

#include <algorithm>
#include <array>

namespace vitalsd {
namespace {

// Of version 1, and under which names distributions mount two together.
struct Known {
  std::string_view controller;
  std::array<std::string_view, 3> directories;
};
constexpr std::array kKnown = {
    Known{"memory", {"memory"}},
    Known{"cpu", {"cpu", "cpu,cpuacct", "cpuacct,cpu"}},
    Known{"cpuacct", {"cpuacct", "cpu,cpuacct", "cpuacct,cpu"}},
    Known{"pids", {"pids"}},
    Known{"blkio", {"blkio"}},
    Known{"hugetlb", {"hugetlb"}},
};

bool has(const FileSource& files, const std::string& path) {
  std::string buffer;
  return files.read(path, buffer).has_value();
}

}  // namespace

Result<Hierarchy> Hierarchy::find(const FileSource& files) {
  Hierarchy tree;
  if (has(files, "cgroup.controllers") || has(files, "cgroup.procs")) {
    tree.unified_ = true;
    tree.roots_ = {""};
    return tree;
  }
  for (const Known& known : kKnown) {
    for (const std::string_view name : known.directories) {
      const std::string directory(name);
      if (name.empty() || !has(files, directory + "/cgroup.procs")) continue;
      tree.mounts_.push_back({std::string(known.controller), directory});
      if (std::ranges::find(tree.roots_, directory) == tree.roots_.end()) tree.roots_.push_back(directory);
      break;
    }
  }
  // Pressure is version 2's alone, and there even without any controller.
  if (has(files, "unified/cgroup.procs")) tree.mounts_.push_back({"unified", "unified"});
  if (tree.roots_.empty()) return fail(Errc::unavailable, "cgroups");
  return tree;
}

bool Hierarchy::is_machines(const FileSource& files, std::string& buffer) const {
  if (unified_) {
    const auto events = files.read("cgroup.events", buffer);
    return !events && is_gone(events.error());
  }
  return files.read(roots_.front() + "/release_agent", buffer).has_value();
}

std::string_view Hierarchy::of(std::string_view controller) const noexcept {
  const auto found = std::ranges::find(mounts_, controller, &Mount::controller);
  return found == mounts_.end() ? std::string_view() : std::string_view(found->directory);
}

std::string_view cgroup_file(std::string& buffer, std::string_view directory, std::string_view id,
                             std::string_view file) {
  buffer.assign(directory);
  if (id != "/") buffer.append(directory.empty() ? id.substr(1) : id);
  if (!buffer.empty()) buffer.push_back('/');
  buffer.append(file);
  return buffer;
}

}  // namespace vitalsd
