#include "collectors/formats/pid/pid_limits.h"

#include <array>

#include "core/lines.h"

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

Result<PidLimits> parse(std::string_view text, FaultSink& faults) {
  PidLimits limits;
  Lines lines(text, "pid limits", faults);
  while (lines.next()) {
    for (const Line& line : kLines) {
      if (!lines->accept(line.title)) continue;
      const std::uint64_t value = lines->accept("unlimited") ? PidLimits::kUnlimited : lines->integer();
      if (lines.keep(line.title)) limits.*line.member = value;
      break;
    }
  }
  if (const auto result = lines.result(); !result) return fail(result.error());
  return limits;
}

}  // namespace vitalsd::pid_limits
