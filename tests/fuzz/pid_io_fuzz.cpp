// Whatever /proc/PID/io holds: what was accepted had all four lines.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/pid_io.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!vitalsd::pid_io::parse(text)) return 0;
  for (const char* key : {"rchar:", "wchar:", "read_bytes:", "write_bytes:"}) {
    if (text.find(key) == std::string_view::npos) std::abort();
  }
  return 0;
}
