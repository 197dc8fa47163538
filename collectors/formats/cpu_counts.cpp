#include "collectors/formats/cpu_counts.h"

#include <charconv>

#include "core/lines.h"

namespace vitalsd::cpu_counts {
namespace {

constexpr std::string_view kFormat = "cpu_counts";

Result<void> parse_heading(Scan& heading, CpuCounts& out) {
  constexpr std::string_view kCpu = "CPU";
  for (auto word = heading.optional_word(); !word.empty(); word = heading.optional_word()) {
    if (!word.starts_with(kCpu)) return fail(Errc::malformed, kFormat);
    const auto number = parse_number<std::uint32_t>(word.substr(kCpu.size()), kFormat);
    if (!number) return fail(number.error());
    if (out.cpus.size() == CpuCounts::kMostCpus) return fail(Errc::too_large, kFormat);
    out.cpus.push_back(*number);
  }
  if (out.cpus.empty()) return fail(Errc::malformed, kFormat);
  return {};
}

/// Adds the numbers at the cursor. Returns false and adds nothing if they are fewer than the CPUs.
bool add_numbers(Scan& line, CpuCounts& out) {
  const std::size_t first = out.numbers.size();
  for (std::size_t i = 0; i < out.cpus.size(); ++i) {
    if (line.skip_blanks().at_end()) {
      out.numbers.resize(first);
      return false;
    }
    out.numbers.push_back(line.integer());
  }
  if (!line.ok()) out.numbers.resize(first);
  return line.ok();
}

}  // namespace

Result<void> parse(std::string_view text, CpuCounts& out, FaultSink& faults) {
  out.cpus.clear();
  out.rows.clear();
  out.numbers.clear();
  Lines lines(text, kFormat, faults);
  if (!lines.next()) return fail(Errc::malformed, kFormat);
  if (const auto heading = parse_heading(*lines, out); !heading) return heading;
  while (lines.next() && out.numbers.size() + out.cpus.size() <= CpuCounts::kMostNumbers) {
    const std::string_view name = lines->until(':');  // on arm64 a number may follow the colon without a blank
    if (name.empty()) lines->set_failed();
    const std::size_t first = out.numbers.size();
    if (!add_numbers(*lines, out)) {
      lines.keep();
      continue;
    }
    if (lines.keep()) out.rows.push_back({name, lines->skip_blanks().rest(), first});
  }
  return lines.result();
}

}  // namespace vitalsd::cpu_counts
