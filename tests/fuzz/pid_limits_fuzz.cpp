// Any /proc/PID/limits: an accepted file had one of its lines.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/pid/pid_limits.h"
#include "tests/fuzz/line_rule.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  vitalsd::NoFaults faults;
  vitalsd::require_line_rule(text, {}, [&](std::string_view lines) {
    vitalsd::Samples samples;
    const auto limits = vitalsd::pid_limits::parse(lines, faults);
    if (limits && limits->open_files) samples["files"] = static_cast<double>(*limits->open_files);
    if (limits && limits->address_space) samples["space"] = static_cast<double>(*limits->address_space);
    return samples;
  });
  const auto limits = vitalsd::pid_limits::parse(text, faults);
  if (!limits) return 0;
  if (limits->open_files && text.find("Max open files") == std::string_view::npos) std::abort();
  if (!limits->open_files && !limits->address_space) std::abort();
  return 0;
}
