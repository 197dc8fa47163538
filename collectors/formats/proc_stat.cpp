#include "collectors/formats/proc_stat.h"

#include "core/scan.h"

namespace vitalsd::proc_stat {
namespace {

constexpr std::string_view kFormat = "stat";

struct Total {
  std::string_view name;
  std::optional<std::uint64_t> StatTotals::* member;
};
constexpr std::array kTotals = {
    Total{"intr", &StatTotals::interrupts},       Total{"ctxt", &StatTotals::context_switches},
    Total{"btime", &StatTotals::boot_time},       Total{"processes", &StatTotals::forks},
    Total{"procs_running", &StatTotals::running}, Total{"procs_blocked", &StatTotals::blocked},
};

Result<CpuTicks> parse_cpu(std::string_view number, Scan line) {
  const auto cpu = parse_number<std::uint32_t>(number, kFormat);
  if (!cpu) return fail(cpu.error());
  CpuTicks ticks{.cpu = *cpu};
  for (auto& mode : ticks.ticks) {
    if (line.skip_blanks().at_end()) break;
    mode = line.integer();
    ++ticks.modes;
  }
  if (!line.ok() || ticks.modes <= CpuTicks::idle) return fail(Errc::malformed, kFormat);
  return ticks;
}

}  // namespace

Result<void> parse_cpus(std::string_view text, std::vector<CpuTicks>& out) {
  out.clear();
  Scan scan(text, kFormat);
  while (scan.rest().starts_with("cpu")) {
    Scan line(scan.line(), kFormat);
    const std::string_view number = line.word().substr(3);
    if (number.empty()) continue;
    const auto cpu = parse_cpu(number, line);
    if (!cpu) return fail(cpu.error());
    out.push_back(*cpu);
  }
  if (out.empty()) return fail(scan.error());
  return {};
}

Result<StatTotals> parse_totals(std::string_view text) {
  StatTotals totals;
  bool any = false;
  Scan scan(text, kFormat);
  while (!scan.at_end()) {
    Scan line(scan.line(), kFormat);
    const std::string_view name = line.optional_word();
    for (const Total& total : kTotals) {
      if (name != total.name) continue;
      totals.*total.member = line.integer();
      any = true;
    }
    if (name == "softirq") {
      line.integer();  // the sum
      totals.vectors = 0;
      while (totals.vectors < StatTotals::kVectors && !line.skip_blanks().at_end()) {
        totals.softirqs[totals.vectors++] = line.integer();
      }
    }
    if (!line.ok()) return fail(line.error());
  }
  if (!any) return fail(scan.error());
  return totals;
}

std::optional<double> boot_time(std::string_view text) {
  constexpr std::string_view kKey = "\nbtime ";
  const std::size_t at = text.find(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  Scan scan(text.substr(at + kKey.size()), kFormat);
  const auto seconds = scan.integer();
  return scan.ok() ? std::optional(static_cast<double>(seconds)) : std::nullopt;
}

}  // namespace vitalsd::proc_stat
