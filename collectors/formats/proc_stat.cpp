#include "collectors/formats/proc_stat.h"

#include <algorithm>

#include "core/lines.h"

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

// Reads the times of one CPU. A kernel may have fewer modes than CpuTicks.
CpuTicks read_cpu(std::string_view number, Scan& line) {
  CpuTicks ticks;
  if (const auto cpu = parse_number<std::uint32_t>(number, kFormat)) {
    ticks.cpu = *cpu;
  } else {
    line.set_failed();
  }
  for (auto& mode : ticks.ticks) {
    if (line.skip_blanks().at_end()) break;
    mode = line.integer();
    ++ticks.modes;
  }
  if (ticks.modes <= CpuTicks::idle) line.set_failed();
  return ticks;
}

// CPU numbers nearly always ascend.
bool is_new(std::uint32_t cpu, std::uint32_t highest, const std::vector<CpuTicks>& known) {
  return known.empty() || cpu > highest || std::ranges::find(known, cpu, &CpuTicks::cpu) == known.end();
}

void read_softirqs(Scan& line, StatTotals& totals) {
  StatTotals read;
  line.integer();  // the sum
  while (read.vectors < StatTotals::kVectors && !line.skip_blanks().at_end()) {
    read.softirqs[read.vectors++] = line.integer();
  }
  if (!line.ok()) return;
  totals.softirqs = read.softirqs;
  totals.vectors = read.vectors;
}

}  // namespace

Result<void> parse_cpus(std::string_view text, std::vector<CpuTicks>& out, FaultSink& faults) {
  constexpr std::string_view kCpu = "cpu";
  std::uint32_t highest = 0;
  out.clear();
  Lines lines(text, kFormat, faults);
  while (lines.next()) {
    const std::string_view name = lines->word();
    if (name == "intr") break;  // the lines below may be long and are not about CPUs
    if (!name.starts_with(kCpu) || name == kCpu) continue;
    const CpuTicks cpu = read_cpu(name.substr(kCpu.size()), *lines);
    if (!is_new(cpu.cpu, highest, out)) lines->set_failed();
    if (!lines.keep()) continue;
    out.push_back(cpu);
    highest = std::max(highest, cpu.cpu);
  }
  return lines.result();
}

Result<StatTotals> parse_totals(std::string_view text, FaultSink& faults) {
  StatTotals totals;
  Lines lines(text, kFormat, faults);
  while (lines.next()) {
    const std::string_view name = lines->word();
    if (name == "softirq") {
      read_softirqs(*lines, totals);
      lines.keep();
      continue;
    }
    const auto known = std::ranges::find(kTotals, name, &Total::name);
    if (known == kTotals.end()) continue;
    const std::uint64_t count = lines->integer();
    if (lines.keep()) totals.*known->member = count;
  }
  if (const auto result = lines.result(); !result) return fail(result.error());
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
