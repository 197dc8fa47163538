// /proc/net/dev: a device has a name from the text and sixteen numbers, or the file is refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/net_dev.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<NetDevice> devices;
  if (!net_dev::parse(text, devices)) return 0;
  for (const NetDevice& device : devices) {
    if (device.name.empty() || device.name.data() < text.data()) std::abort();
    const char* end = device.name.data() + device.name.size();
    if (end >= text.data() + size || *end != ':') std::abort();
  }
  return 0;
}
