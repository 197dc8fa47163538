// Any /proc/PID/cgroup: paths are parts of it and begin with a slash, and a process is in its own cgroup.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/pid/pid_cgroup.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using namespace vitalsd::pid_cgroup;
  any_path(text, [text](std::string_view path) {
    if (!path.starts_with('/') || path.find('\n') != std::string_view::npos) std::abort();
    if (path.data() < text.data() || path.data() + path.size() > text.data() + text.size()) std::abort();
    if (!in_cgroup(path, path)) std::abort();
    if (in_container(path, "0123456789ab") && path.find("0123456789ab") == std::string_view::npos) std::abort();
    if (in_unit(path, "a.service") && path.find("a.service") == std::string_view::npos) std::abort();
    return false;
  });
  return 0;
}
