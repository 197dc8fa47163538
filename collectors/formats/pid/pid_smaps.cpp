#include "collectors/formats/pid/pid_smaps.h"

#include <limits>

#include "core/scan.h"

namespace vitalsd::pid_smaps {
namespace {

constexpr std::string_view kFormat = "pid smaps_rollup";
constexpr std::uint64_t kKib = 1024;

bool take(Scan line, std::uint64_t& bytes) {
  const auto value = line.integer();
  if (!line.ok() || value > std::numeric_limits<std::uint64_t>::max() / kKib) return false;
  bytes = value * kKib;
  return true;
}

}  // namespace

Result<PidSmaps> parse(std::string_view text) {
  PidSmaps smaps;
  bool pss = false;
  bool swap_pss = false;
  for (Scan scan(text, kFormat); !scan.at_end();) {
    const std::string_view line = scan.line();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const Scan value(line.substr(colon + 1), kFormat);
    if (line.substr(0, colon) == "Pss") pss = take(value, smaps.pss);
    if (line.substr(0, colon) == "SwapPss") swap_pss = take(value, smaps.swap_pss);
  }
  if (!pss || !swap_pss) return fail(Errc::malformed, kFormat);
  return smaps;
}

}  // namespace vitalsd::pid_smaps
