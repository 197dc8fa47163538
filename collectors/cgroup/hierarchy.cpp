#include "collectors/cgroup/hierarchy.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "collectors/formats/mountinfo.h"

namespace vitalsd {
namespace {

/// A controller of version 1, and a file that it alone has, also in its root; empty where there is none.
struct Known {
  std::string_view controller;
  std::string_view file;
};
constexpr std::array kKnown = {
    Known{"memory", "memory.usage_in_bytes"}, Known{"cpu", "cpu.shares"},
    Known{"cpuacct", "cpuacct.usage"},        Known{"pids", ""},
    Known{"blkio", "blkio.reset_stats"},      Known{"hugetlb", "hugetlb.2MB.usage_in_bytes"},
};
constexpr std::size_t kMostMounts = 64;

/// Whether `controller` is among the names of a directory for several, in whatever order they were joined.
bool is_named(std::string_view directory, std::string_view controller) {
  while (!directory.empty()) {
    const std::size_t end = std::min(directory.find(','), directory.size());
    if (directory.substr(0, end) == controller) return true;
    directory.remove_prefix(std::min(end + 1, directory.size()));
  }
  return false;
}

constexpr std::string_view kUnified = "unified";

/// Keeps the mounts that can be seen below `place`, with their points relative to it.
void below(Mounts& mounts, std::string_view place) {
  if (place.ends_with('/')) place.remove_suffix(1);
  std::erase_if(mounts.all, [place](const Mount& mount) {
    return mount.covered || !mount.point.starts_with(place) || !mount.point.substr(place.size()).starts_with('/');
  });
  for (Mount& mount : mounts.all) mount.point.remove_prefix(place.size() + 1);
}

bool has(const FileSource& files, const std::string& path) {
  std::string buffer;
  return files.read(path, buffer).has_value();
}

}  // namespace

Hierarchy::Mounted Hierarchy::mounted(const FileSource& files, const FileSource& self, std::string& buffer) {
  std::error_code failed;
  const auto place = std::filesystem::canonical(files.root(), failed).string();
  const auto text = self.read("mountinfo", buffer);
  if (!text || failed) return {};
  const std::size_t size = text->size();
  buffer.resize(size);
  buffer.append(place);
  return {std::string_view(buffer).substr(0, size), std::string_view(buffer).substr(size)};
}

void Hierarchy::add(std::string_view controller, std::string_view directory) {
  if (!of(controller).empty()) return;
  mounts_.push_back({std::string(controller), std::string(directory)});
  if (controller != kUnified && std::ranges::find(roots_, directory) == roots_.end()) roots_.emplace_back(directory);
}

Result<Hierarchy> Hierarchy::find(const FileSource& files, const Mounted& mounted) {
  Hierarchy tree;
  if (has(files, "cgroup.controllers") || has(files, "cgroup.procs")) {
    tree.unified_ = true;
    tree.roots_ = {""};
    return tree;
  }
  Mounts mounts;
  NoFaults unheard;  // the collector of file systems reports what it cannot read
  if (mountinfo::parse(mounted.mountinfo, mounts, unheard)) below(mounts, mounted.place);
  std::vector<std::string> directories;
  if (Names names; files.directories("", names)) {
    for (std::size_t i = 0; i < std::min(names.size(), kMostMounts); ++i) {
      std::string directory(names[i]);
      if (directory != kUnified && has(files, directory + "/cgroup.procs")) directories.push_back(std::move(directory));
    }
  }
  for (const Known& known : kKnown) {
    const auto mounted_at = std::ranges::find_if(mounts.all, [&](const vitalsd::Mount& each) {
      return each.type == "cgroup" && is_named(each.options, known.controller);
    });
    if (mounted_at != mounts.all.end()) tree.add(known.controller, mounted_at->point);
  }
  for (const Known& known : kKnown) {
    // By its name; a controller that is mounted under another one is known by its files.
    auto found = std::ranges::find_if(directories, [&](const auto& each) { return is_named(each, known.controller); });
    if (found == directories.end() && !known.file.empty()) {
      found = std::ranges::find_if(directories,
                                   [&](const auto& each) { return has(files, each + "/" + std::string(known.file)); });
    }
    if (found != directories.end()) tree.add(known.controller, *found);
  }
  // Pressure is version 2's alone, and there even without any controller.
  const auto second = std::ranges::find(mounts.all, "cgroup2", &vitalsd::Mount::type);
  const std::string_view unified = second == mounts.all.end() ? kUnified : second->point;
  if (has(files, std::string(unified) + "/cgroup.procs")) tree.add(kUnified, unified);
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
