// The format of /proc/PID/cgroup (cgroups(7)), and what its paths tell: the systemd unit, the container.
//   pid_cgroup::any_path(*text, [](std::string_view path) { return pid_cgroup::in_unit(path, "nginx.service"); })
#pragma once

#include <string_view>

namespace vitalsd::pid_cgroup {

/// The path of one line "HIERARCHY:CONTROLLERS:PATH" (both versions), " (deleted)" taken off; empty for any other line.
std::string_view path_of(std::string_view line);

/// True when `cgroup` is `path` or one of those above it; the root holds only what is in no other.
bool in_cgroup(std::string_view path, std::string_view cgroup);
/// True when a component of `path` is `unit`, also as systemd escapes it ("_cpu.service", systemd's cg_escape()).
bool in_unit(std::string_view path, std::string_view unit);
/// True when a component of `path` ends in a container's id of 64 hex digits that begins with `prefix`: as Docker,
/// containerd, CRI-O and Podman name them (ID, docker-ID.scope, crio-ID.scope, ...). Not for their monitors
/// (libpod-conmon-ID.scope), which are outside of the container.
bool in_container(std::string_view path, std::string_view prefix);

/// The id of the innermost container that `path` is in, or nothing; as in_container() tells them.
std::string_view container(std::string_view path);

/// Whether `test(path)` holds for any line of the file.
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

/// What `find(path)` gives of the first line of the file of which it gives anything; a view into `text`, or nothing.
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
