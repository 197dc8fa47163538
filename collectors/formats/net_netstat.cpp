#include "collectors/formats/net_netstat.h"

#include "core/scan.h"

namespace vitalsd::net_netstat {

Result<IpOctets> parse_octets(std::string_view text, FaultSink& faults) {
  constexpr std::string_view kFormat = "net/netstat";
  Scan scan(text, kFormat);
  while (!scan.at_end()) {
    Scan names(scan.line(), kFormat);
    if (names.optional_word() != "IpExt:") continue;
    Scan values(scan.line(), kFormat);
    if (values.optional_word() != "IpExt:") return fail(scan.error());
    IpOctets octets;
    bool lost = false;
    for (auto name = names.optional_word(); !name.empty(); name = names.optional_word()) {
      const std::string_view value = values.word();
      auto* const wanted = name == "InOctets" ? &octets.in : name == "OutOctets" ? &octets.out : nullptr;
      if (wanted == nullptr) continue;
      const auto number = parse_number<std::uint64_t>(value, kFormat);
      if (number) {
        *wanted = *number;
      } else if (values.ok()) {
        faults.partial(name, kFormat, number.error(), {});
        lost = true;
      }
    }
    if (!values.ok() || (lost && !octets.in && !octets.out)) return fail(values.error());
    return octets;
  }
  return fail(scan.error());
}

}  // namespace vitalsd::net_netstat
