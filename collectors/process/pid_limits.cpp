#include "collectors/process/pid_limits.h"

#include "core/scan.h"

namespace vitalsd::pid_limits {
namespace {

constexpr std::string_view kFormat = "pid limits";
constexpr std::string_view kOpenFiles = "Max open files ";

}  // namespace

Result<PidLimits> parse(std::string_view text) {
  Scan scan(text, kFormat);
  while (!scan.at_end()) {
    const std::string_view line = scan.line();
    if (!line.starts_with(kOpenFiles)) continue;
    Scan columns(line.substr(kOpenFiles.size()), kFormat);
    const std::string_view soft = columns.word();
    if (soft == "unlimited") return PidLimits{};
    const auto value = parse_number<std::uint64_t>(soft, kFormat);
    if (!value) return fail(value.error());
    return PidLimits{.open_files = *value};
  }
  return fail(Errc::malformed, kFormat);
}

}  // namespace vitalsd::pid_limits
