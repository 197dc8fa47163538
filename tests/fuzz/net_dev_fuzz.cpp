// /proc/net/dev: a device has a name from the text and sixteen numbers, or its line is left out.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/net/net_dev.h"
#include "tests/fuzz/line_rule.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  NoFaults faults;
  std::vector<NetDevice> devices;
  require_line_rule(text, "a|b\nc|d\n", [&](std::string_view lines) {
    Samples samples;
    if (!net_dev::parse(lines, devices, faults)) return samples;
    for (const NetDevice& device : devices) {
      for (std::size_t i = 0; i < device.counters.size(); ++i) {
        samples[std::string(device.name) + "/" + std::to_string(i)] = static_cast<double>(device.counters[i]);
      }
    }
    return samples;
  });
  if (!net_dev::parse(text, devices, faults)) return 0;
  for (const NetDevice& device : devices) {
    if (device.name.empty() || device.name.data() < text.data()) std::abort();
    const char* end = device.name.data() + device.name.size();
    if (end >= text.data() + size || *end != ':') std::abort();
  }
  return 0;
}
