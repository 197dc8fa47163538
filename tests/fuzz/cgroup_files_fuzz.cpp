// Whatever the files of a cgroup hold, and whatever its path is called: parts of the path, limits that are kept.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "collectors/cgroup/container_path.h"
#include "collectors/formats/cgroup_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using namespace vitalsd;
  std::vector<CgroupDevice> devices;
  if (cgroup_files::io_stat(text, devices) && devices.size() > cgroup_files::kMostDevices) std::abort();
  (void)cgroup_files::blkio(text, cgroup_files::Blkio::bytes, devices);
  if (devices.size() > cgroup_files::kMostDevices) std::abort();
  if (const auto max = cgroup_files::cpu_max(text); max && max->period == 0) std::abort();
  (void)cgroup_files::limit(text);
  (void)cgroup_files::flat_keyed(text, "fuzz", [text](std::string_view key, std::uint64_t) {
    if (key.empty() || key.data() < text.data() || key.data() + key.size() > text.data() + text.size()) std::abort();
  });
  const ContainerIdentity found = identify(text);
  if (!found.container_id.empty() && found.container_id.size() != 64) std::abort();
  if (text.find(found.container_id) == std::string_view::npos) std::abort();
  return 0;
}
