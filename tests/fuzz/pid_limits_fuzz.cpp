// Whatever /proc/PID/limits holds: what was accepted had one of its lines.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/pid_limits.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto limits = vitalsd::pid_limits::parse(text);
  if (!limits) return 0;
  if (limits->open_files && text.find("Max open files") == std::string_view::npos) std::abort();
  if (!limits->open_files && !limits->address_space) std::abort();
  return 0;
}
