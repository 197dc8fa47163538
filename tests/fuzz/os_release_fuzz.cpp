// os-release: whatever the quotes do, a value is no longer than its line, and numbers are numbers.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string_view>

#include "collectors/formats/os_release.h"
#include "tests/fuzz/line_rule.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  vitalsd::NoFaults faults;
  vitalsd::require_line_rule(text, {}, [&](std::string_view lines) {
    vitalsd::Samples samples;
    const auto release = vitalsd::os_release::parse(lines, faults);
    if (!release) return samples;
    samples["NAME"] = static_cast<double>(std::hash<std::string>()(release->name));
    samples["ID"] = static_cast<double>(std::hash<std::string>()(release->id));
    samples["VERSION_ID"] = static_cast<double>(std::hash<std::string>()(release->version_id));
    std::erase_if(samples, [](const auto& s) { return s.second == static_cast<double>(std::hash<std::string>()("")); });
    return samples;
  });
  const auto release = vitalsd::os_release::parse(text, faults);
  if (!release) return 0;
  if (release->name.size() + release->id.size() + release->version_id.size() > size) std::abort();
  if (release->name.find('\n') != std::string::npos) std::abort();
  if (const auto number = release->major_minor(); number && !(*number > 0)) std::abort();
  if (const auto end = release->support_end_seconds(); end && !std::isfinite(*end)) std::abort();
  return 0;
}
