// Whatever the kernel's log holds: what is taken has a pid and a cgroup, and there are never too many.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "daemon/incidents/oom_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  vitalsd::OomRecords records;
  while (!text.empty()) {
    const std::size_t end = text.find('\0');
    records.take(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (records.all().size() > vitalsd::OomRecords::kMost) std::abort();
  for (const auto& each : records.all()) {
    if (each.pid < 1) std::abort();
  }
  return 0;
}
