// /proc/net/ip_vs and ip_vs_stats: no line makes more than one server, and each server has an address.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/net/ip_vs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static std::vector<IpvsBackend> backends;
  NoFaults faults;
  (void)ip_vs::parse_totals(text);
  if (!ip_vs::parse(text, backends, faults)) return 0;
  if (backends.size() > static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1) std::abort();
  for (const IpvsBackend& backend : backends) {
    if (backend.remote.size != 4 && backend.remote.size != 16) std::abort();
    if (backend.proto != "FWM" && backend.local.size == 0) std::abort();
  }
  return 0;
}
