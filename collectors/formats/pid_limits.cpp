#include "collectors/formats/pid_limits.h"

#include <array>

#include "core/scan.h"

namespace vitalsd::pid_limits {
namespace {

struct Line {
  std::string_view title;
  std::optional<std::uint64_t> PidLimits::* member;
};
constexpr std::array kLines = {
    Line{"Max open files", &PidLimits::open_files},
    Line{"Max address space", &PidLimits::address_space},
};

}  // namespace

Result<PidLimits> parse(std::string_view text) {
  PidLimits limits;
  bool any = false;
  Scan scan(text, "pid limits");
  while (!scan.at_end()) {
    const std::string_view all = scan.line();
    for (const Line& line : kLines) {
      if (!all.starts_with(line.title)) continue;
      Scan values(all.substr(line.title.size()), "pid limits");
      limits.*line.member = values.accept("unlimited") ? PidLimits::kUnlimited : values.integer();
      if (!values.ok()) return fail(values.error());
      any = true;
    }
  }
  if (!any) return fail(scan.error());
  return limits;
}

}  // namespace vitalsd::pid_limits
