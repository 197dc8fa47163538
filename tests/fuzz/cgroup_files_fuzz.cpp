// Any contents and any path of a cgroup's files: names are parts of the path, and limits hold.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/cgroup/container_path.h"
#include "collectors/formats/cgroup_files.h"
#include "tests/fuzz/line_rule.h"

namespace {

using namespace vitalsd;

NoFaults no_faults;

Samples of_devices(const std::vector<CgroupDevice>& devices) {
  Samples samples;
  for (const CgroupDevice& device : devices) {
    const std::string name = std::to_string(device.major) + ":" + std::to_string(device.minor);
    const auto add = [&](const char* what, double value) {
      if (!std::isnan(value)) samples[name + what] = value;
    };
    add(" rbytes", device.read_bytes);
    add(" wbytes", device.written_bytes);
    add(" rios", device.reads);
    add(" wios", device.writes);
  }
  return samples;
}

void check_lines(std::string_view text) {
  require_line_rule(text, {}, [](std::string_view lines) {
    Samples samples;
    (void)cgroup_files::flat_keyed(lines, "fuzz", no_faults, [&](std::string_view key, std::uint64_t value) {
      samples[std::string(key)] = static_cast<double>(value);
    });
    return samples;
  });
  require_line_rule(text, {}, [](std::string_view lines) {
    std::vector<CgroupDevice> devices;
    return cgroup_files::io_stat(lines, devices, no_faults) ? of_devices(devices) : Samples();
  });
  require_line_rule(text, {}, [](std::string_view lines) {
    std::vector<CgroupDevice> devices;
    return cgroup_files::blkio(lines, cgroup_files::Blkio::bytes, devices, no_faults) ? of_devices(devices) : Samples();
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_lines(text);
  std::vector<CgroupDevice> devices;
  if (cgroup_files::io_stat(text, devices, no_faults) && devices.size() > cgroup_files::kMostDevices) std::abort();
  (void)cgroup_files::blkio(text, cgroup_files::Blkio::bytes, devices, no_faults);
  if (devices.size() > cgroup_files::kMostDevices) std::abort();
  if (const auto max = cgroup_files::cpu_max(text); max && max->period == 0) std::abort();
  (void)cgroup_files::limit(text);
  (void)cgroup_files::flat_keyed(text, "fuzz", no_faults, [text](std::string_view key, std::uint64_t) {
    if (key.empty() || key.data() < text.data() || key.data() + key.size() > text.data() + text.size()) std::abort();
  });
  const ContainerIdentity found = identify(text);
  if (!found.container_id.empty() && found.container_id.size() != 64) std::abort();
  if (text.find(found.container_id) == std::string_view::npos) std::abort();
  return 0;
}
