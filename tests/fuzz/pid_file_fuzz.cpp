// Whatever a pid file holds: a pid within bounds, or none; and never from more than 64 bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/pid_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pid = vitalsd::pid_file::parse(text);
  if (pid && (*pid < 1 || *pid > vitalsd::kMaxPid || size > 64)) std::abort();
  return 0;
}
