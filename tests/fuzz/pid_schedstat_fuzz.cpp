// Any /proc/PID/schedstat: three numbers need at least five characters.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/pid/pid_schedstat.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (vitalsd::pid_schedstat::parse(text) && size < 5) std::abort();
  return 0;
}
