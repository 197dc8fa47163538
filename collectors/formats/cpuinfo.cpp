#include "collectors/formats/cpuinfo.h"

#include <array>
#include <cstdint>

#include "core/scan.h"

namespace vitalsd::cpuinfo {
namespace {

struct Key {
  std::string_view name;
  std::string_view CpuInfo::* member;
};
// The first of the spellings is x86's; ARM, RISC-V, POWER and MIPS follow.
constexpr std::array kKeys = {
    Key{"vendor_id", &CpuInfo::vendor},
    Key{"vendor", &CpuInfo::vendor},
    Key{"cpu", &CpuInfo::vendor},
    Key{"cpu family", &CpuInfo::family},
    Key{"model", &CpuInfo::model},
    Key{"model name", &CpuInfo::model_name},
    Key{"isa", &CpuInfo::model_name},
    Key{"cpu model", &CpuInfo::model_name},
    Key{"stepping", &CpuInfo::stepping},
    Key{"microcode", &CpuInfo::microcode},
    Key{"cache size", &CpuInfo::cache_size},
    Key{"physical id", &CpuInfo::package},
    Key{"core id", &CpuInfo::core},
    Key{"hart", &CpuInfo::core},
    Key{"flags", &CpuInfo::flags},
    Key{"Features", &CpuInfo::flags},
    Key{"bugs", &CpuInfo::bugs},
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// "799.998" on x86, "3550.000000MHz" on POWER.
double megahertz(std::string_view text) {
  if (text.ends_with("MHz")) text.remove_suffix(3);
  const auto value = parse_number<double>(text, "cpuinfo");
  return value && *value > 0 && *value < 1e9 ? *value : kAbsent;
}

}  // namespace

Result<void> parse(std::string_view text, std::vector<CpuInfo>& out) {
  out.clear();
  Scan scan(text, "cpuinfo");
  while (!scan.at_end()) {
    const std::string_view line = scan.line();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = trimmed(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (key == "processor") {
      const auto number = parse_number<std::uint32_t>(value, "cpuinfo");
      if (!number) return fail(number.error());
      out.emplace_back().processor = value;
      continue;
    }
    if (out.empty()) continue;  // a heading over all CPUs
    if (key == "cpu MHz" || key == "clock") out.back().megahertz = megahertz(value);
    for (const Key& known : kKeys) {
      if (key == known.name) out.back().*known.member = value;
    }
  }
  if (out.empty()) return fail(scan.error());
  return {};
}

}  // namespace vitalsd::cpuinfo
