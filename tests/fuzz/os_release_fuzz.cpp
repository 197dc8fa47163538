// os-release: whatever its quotes, a value is not longer than its line, and numbers are finite.
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
    const auto parsed = vitalsd::os_release::parse(lines, faults);
    const vitalsd::OsRelease release = parsed ? *parsed : vitalsd::OsRelease();
    // An empty assignment undoes an earlier one, as in a shell.
    const auto add = [&](std::string_view key, const std::string& value) {
      if (lines.find(key) != lines.npos)
        samples[std::string(key)] = static_cast<double>(std::hash<std::string>()(value));
    };
    add("NAME=", release.name);
    add("ID=", release.id);
    add("VERSION_ID=", release.version_id);
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
