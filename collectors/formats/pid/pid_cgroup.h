// The format of /proc/PID/cgroup (cgroups(7)), and what its paths contain: the systemd unit and the container.
//   pid_cgroup::any_path(*text, [](std::string_view path) { return pid_cgroup::in_unit(path, "nginx.service"); })
#pragma once

#include <string_view>

namespace vitalsd::pid_cgroup {

/// The path of one line "HIERARCHY:CONTROLLERS:PATH" (both versions) without " (deleted)"; empty for any other line.
std::string_view path_of(std::string_view line);

/// Whether `path` is `cgroup` or lies below it. If `cgroup` is the root, only the root itself counts.
bool in_cgroup(std::string_view path, std::string_view cgroup);
/// Whether a component of `path` is `unit`, also if systemd escaped it ("_cpu.service", systemd's cg_escape()).
bool in_unit(std::string_view path, std::string_view unit);
/// Whether a component of `path` ends in a container id (64 hex digits) that begins with `prefix`. Covers the names of
/// Docker, containerd, CRI-O and Podman (ID, docker-ID.scope, crio-ID.scope, ...), but not of their monitors
/// (libpod-conmon-ID.scope), which run outside the container.
bool in_container(std::string_view path, std::string_view prefix);

/// The id of the innermost container in `path`, recognized as in in_container(); empty if there is none.
std::string_view container(std::string_view path);

/// Whether `test(path)` is true for any line of the file.
template <class Test>
bool any_path(std::string_view text, Test test) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view path = path_of(text.substr(0, end));
    if (!path.empty() && test(path)) return true;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return false;
}

/// The result of `find(path)` for the first line where it is not empty; a view into `text`, or empty.
template <class Find>
std::string_view first_of(std::string_view text, Find find) {
  std::string_view found;
  any_path(text, [&](std::string_view path) {
    found = find(path);
    return !found.empty();
  });
  return found;
}

}  // namespace vitalsd::pid_cgroup
