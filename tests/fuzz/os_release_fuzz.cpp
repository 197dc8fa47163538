// os-release: whatever the quotes do, a value is no longer than its line, and numbers are numbers.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/os_release.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto release = vitalsd::os_release::parse(text);
  if (!release) return 0;
  if (release->name.size() + release->id.size() + release->version_id.size() > size) std::abort();
  if (release->name.find('\n') != std::string::npos) std::abort();
  if (const auto number = release->major_minor(); number && !(*number > 0)) std::abort();
  if (const auto end = release->support_end_seconds(); end && !std::isfinite(*end)) std::abort();
  return 0;
}
