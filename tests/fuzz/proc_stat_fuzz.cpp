// /proc/stat, through the keeper of its times: what comes out never falls, whatever comes in.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/cpu/steady_ticks.h"
#include "collectors/formats/proc_stat.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto totals = proc_stat::parse_totals(text); totals && totals->vectors > StatTotals::kVectors) std::abort();

  // The same file as it was and as it is: split where a newline stands twice.
  const std::size_t middle = text.find("\n\n");
  std::vector<CpuTicks> before;
  std::vector<CpuTicks> after;
  if (!proc_stat::parse_cpus(text.substr(0, middle), before)) return 0;
  for (const CpuTicks& cpu : before) {
    if (cpu.modes < 4 || cpu.modes > CpuTicks::kModes) std::abort();
  }
  if (middle == std::string_view::npos || !proc_stat::parse_cpus(text.substr(middle + 2), after)) return 0;
  SteadyTicks steady;
  steady.update(before, 300);
  const auto held = steady.update(after, 300);
  if (held.size() != after.size()) std::abort();
  for (std::size_t i = 0; i < held.size(); ++i) {
    for (std::size_t mode = 0; mode < CpuTicks::kModes; ++mode) {
      if (held[i].ticks[mode] < after[i].ticks[mode]) std::abort();
    }
  }
  return 0;
}
