// /proc/PID/mountinfo, whose paths come from whoever mounts. Every mount has an absolute point, and only one mount at
// each point is visible.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "collectors/formats/mountinfo.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Mounts mounts;
  NoFaults faults;
  (void)mountinfo::parse(text, mounts, faults);
  std::set<std::string_view> shown;
  for (const Mount& mount : mounts.all) {
    if (!mount.point.starts_with('/')) std::abort();
    if (!mount.covered && !shown.insert(mount.point).second) std::abort();
  }
  return 0;
}
