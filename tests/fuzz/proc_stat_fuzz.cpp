// /proc/stat and SteadyTicks: a published time falls by more than a little or not at all, and no line changes what
// another means.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/cpu/steady_ticks.h"
#include "collectors/formats/proc_stat.h"
#include "tests/fuzz/line_rule.h"

namespace {

using namespace vitalsd;

NoFaults no_faults;

Samples of_cpus(std::string_view lines) {
  Samples samples;
  std::vector<CpuTicks> cpus;
  if (!proc_stat::parse_cpus(lines, cpus, no_faults)) return samples;
  for (const CpuTicks& cpu : cpus) {
    double sum = cpu.modes;
    for (const std::uint64_t ticks : cpu.ticks) sum = sum * 3 + static_cast<double>(ticks);
    if (!samples.emplace(std::to_string(cpu.cpu), sum).second) std::abort();
  }
  return samples;
}

Samples of_totals(std::string_view lines) {
  Samples samples;
  const auto totals = proc_stat::parse_totals(lines, no_faults);
  if (!totals) return samples;
  const auto add = [&](const char* what, const std::optional<std::uint64_t>& value) {
    if (value) samples[what] = static_cast<double>(*value);
  };
  add("intr", totals->interrupts);
  add("ctxt", totals->context_switches);
  add("btime", totals->boot_time);
  add("processes", totals->forks);
  add("running", totals->running);
  add("blocked", totals->blocked);
  if (totals->vectors == 0) return samples;
  double sum = 0;
  for (std::size_t i = 0; i < totals->vectors; ++i) sum = sum * 3 + static_cast<double>(totals->softirqs[i]) + 1;
  samples["softirq"] = sum;
  return samples;
}

// The lines of CPUs end at `intr`, and a repeated CPU is bad; in these two cases the order matters.
void check_lines(std::string_view text) {
  require_line_rule(text, {}, of_totals);
  if (text.find("intr") == std::string_view::npos) require_line_rule(text, {}, of_cpus);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_lines(text);
  if (const auto totals = proc_stat::parse_totals(text, no_faults); totals && totals->vectors > StatTotals::kVectors)
    std::abort();

  // The same file in two rounds, split at the first empty line.
  const std::size_t middle = text.find("\n\n");
  std::vector<CpuTicks> before;
  std::vector<CpuTicks> after;
  if (!proc_stat::parse_cpus(text.substr(0, middle), before, no_faults)) return 0;
  for (const CpuTicks& cpu : before) {
    if (cpu.modes < 4 || cpu.modes > CpuTicks::kModes) std::abort();
  }
  if (middle == std::string_view::npos || !proc_stat::parse_cpus(text.substr(middle + 2), after, no_faults)) return 0;
  SteadyTicks steady;
  steady.update(before, 300);
  const auto held = steady.update(after, 300);
  if (held.size() != after.size()) std::abort();
  for (std::size_t i = 0; i < held.size(); ++i) {
    for (std::size_t mode = 0; mode < CpuTicks::kModes; ++mode) {
      if (held[i].ticks[mode] < after[i].ticks[mode]) std::abort();
      for (const CpuTicks& cpu : before) {
        const bool sleep = mode == CpuTicks::idle || mode == CpuTicks::iowait;
        if (cpu.cpu != after[i].cpu || sleep || held[i].ticks[mode] == after[i].ticks[mode]) continue;
        if (held[i].ticks[mode] != cpu.ticks[mode] || cpu.ticks[mode] - after[i].ticks[mode] >= 300) std::abort();
      }
    }
  }
  return 0;
}
