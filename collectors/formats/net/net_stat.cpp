#include "collectors/formats/net/net_stat.h"

#include "core/scan.h"

namespace vitalsd::net_stat {

Result<void> parse(std::string_view text, NetStat& out) {
  constexpr std::string_view kFormat = "net/stat";
  out.names.clear();
  out.numbers.clear();
  Scan scan(text, kFormat);
  Scan heading(scan.line(), kFormat);
  for (auto name = heading.optional_word(); !name.empty(); name = heading.optional_word()) {
    if (out.names.size() == NetStat::kMostNames) return fail(Errc::too_large, kFormat);
    out.names.push_back(name);
  }
  if (out.names.empty()) return fail(scan.error());
  while (!scan.at_end()) {
    Scan line(scan.line(), kFormat);
    if (line.skip_blanks().at_end()) continue;
    if (out.cpus() == NetStat::kMostCpus) return fail(Errc::too_large, kFormat);
    for (std::size_t i = 0; i < out.names.size(); ++i) out.numbers.push_back(line.integer(16));
    if (!line.ok() || !line.skip_blanks().at_end()) return fail(scan.error());
  }
  return {};
}

}  // namespace vitalsd::net_stat
