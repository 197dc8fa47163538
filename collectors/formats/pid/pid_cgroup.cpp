#include "collectors/formats/pid/pid_cgroup.h"

#include <algorithm>

namespace vitalsd::pid_cgroup {
namespace {

constexpr std::size_t kIdLength = 64;
constexpr std::string_view kDeleted = " (deleted)";

template <class Test>
bool any_component(std::string_view path, Test test) {
  while (!path.empty()) {
    const std::size_t end = path.find('/');
    if (test(path.substr(0, end))) return true;
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  }
  return false;
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// The container id at the end of a component; empty if there is none.
std::string_view container_of(std::string_view component) {
  if (component.ends_with(".scope")) component.remove_suffix(6);
  if (component.size() < kIdLength) return {};
  const std::string_view id = component.substr(component.size() - kIdLength);
  const std::string_view before = component.substr(0, component.size() - kIdLength);
  if (!std::ranges::all_of(id, is_hex)) return {};
  if (!before.empty() && before.back() != '-' && before.back() != ':') return {};
  return before.ends_with("conmon-") ? std::string_view() : id;
}

}  // namespace

std::string_view path_of(std::string_view line) {
  const std::size_t first = line.find(':');
  if (first == std::string_view::npos) return {};
  const std::size_t second = line.find(':', first + 1);
  if (second == std::string_view::npos) return {};
  std::string_view path = line.substr(second + 1);
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  return path.starts_with('/') ? path : std::string_view();
}

bool in_cgroup(std::string_view path, std::string_view cgroup) {
  return path == cgroup || (path.size() > cgroup.size() && path.starts_with(cgroup) && path[cgroup.size()] == '/');
}

bool in_unit(std::string_view path, std::string_view unit) {
  return any_component(path, [unit](std::string_view component) {
    return component == unit || (component.starts_with('_') && component.substr(1) == unit);
  });
}

bool in_container(std::string_view path, std::string_view prefix) {
  return any_component(path, [prefix](std::string_view component) {
    const std::string_view id = container_of(component);
    return !id.empty() && id.starts_with(prefix);
  });
}

std::string_view container(std::string_view path) {
  std::string_view found;
  any_component(path, [&found](std::string_view component) {
    if (const std::string_view id = container_of(component); !id.empty()) found = id;
    return false;
  });
  return found;
}

}  // namespace vitalsd::pid_cgroup
