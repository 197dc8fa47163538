#include "collectors/formats/net/net_netstat.h"

#include <optional>

#include "core/lines.h"
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

namespace {

constexpr std::string_view kPairs = "net/netstat";
constexpr std::size_t kLongestProtocol = 32;

std::optional<double> number(std::string_view word) {
  // All are unsigned except MaxConn of Tcp, which is -1.
  if (word.starts_with('-')) {
    const auto value = parse_number<std::int64_t>(word, kPairs);
    return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
  }
  const auto value = parse_number<std::uint64_t>(word, kPairs);
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

/// Calls `take` with each name and number. Returns false if the two lines are not a pair.
template <class Take>
bool each_of_pair(std::string_view names, std::string_view values, Take take) {
  Scan name_scan(names, kPairs), value_scan(values, kPairs);
  if (name_scan.optional_word() != value_scan.optional_word()) return false;
  for (;;) {
    const std::string_view name = name_scan.optional_word(), word = value_scan.optional_word();
    if (name.empty() != word.empty()) return false;
    if (name.empty()) return true;
    const auto value = number(word);
    if (!value) return false;
    take(name, *value);
  }
}

}  // namespace

Result<void> parse(std::string_view text, Statistics& out, FaultSink& faults) {
  Lines lines(text, kPairs, faults);
  while (lines.next()) {
    const std::string_view names = lines.whole();
    std::string_view protocol = lines->optional_word();
    if (!protocol.ends_with(':') || protocol.size() < 2 || protocol.size() > kLongestProtocol) {
      lines.reject();
      continue;
    }
    protocol.remove_suffix(1);
    if (!lines.next()) {
      lines.reject(protocol);
      break;
    }
    const std::string_view values = lines.whole();
    if (!each_of_pair(names, values, [](auto, auto) {})) {
      lines.reject(protocol);
      continue;
    }
    lines.keep();
    each_of_pair(names, values, [&](std::string_view name, double value) { out.add(protocol, name, value); });
  }
  return lines.result();
}

Result<void> parse_snmp6(std::string_view text, Statistics& out, FaultSink& faults) {
  Lines lines(text, "net/snmp6", faults);
  while (lines.next()) {
    const std::string_view word = lines->word();
    const auto value = number(lines->word());
    if (!value) lines->set_failed();
    if (!lines.keep()) continue;
    const std::size_t six = word.find('6');
    if (six == std::string_view::npos || six + 1 == word.size() || six > kLongestProtocol) continue;
    out.add(word.substr(0, six + 1), word.substr(six + 1), *value);
  }
  return lines.result();
}

}  // namespace vitalsd::net_netstat
