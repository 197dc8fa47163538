#include "collectors/formats/net/ip_vs.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "core/lines.h"

namespace vitalsd::ip_vs {
namespace {

constexpr std::string_view kFormat = "net/ip_vs";

template <class Int>
bool hexadecimal(std::string_view text, Int& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
  return ec == std::errc{} && end == text.data() + text.size();
}

bool parse_address(std::string_view text, IpvsAddress& out) {
  if (text.size() == 8) {
    for (std::size_t i = 0; i < 4; ++i) {
      if (!hexadecimal(text.substr(2 * i, 2), out.bytes[i])) return false;
    }
    out.size = 4;
    return true;
  }
  std::array<char, 48> terminated{};
  if (!text.starts_with('[') || !text.ends_with(']') || text.size() - 2 >= terminated.size()) return false;
  std::ranges::copy(text.substr(1, text.size() - 2), terminated.begin());
  out.size = 16;
  return ::inet_pton(AF_INET6, terminated.data(), out.bytes.data()) == 1;
}

bool parse_end(std::string_view word, IpvsAddress& address, std::uint16_t& port) {
  const std::size_t colon = word.rfind(':');
  return colon != word.npos && parse_address(word.substr(0, colon), address) &&
         hexadecimal(word.substr(colon + 1), port);
}

}  // namespace

Result<void> parse(std::string_view text, std::vector<IpvsBackend>& out, FaultSink& faults) {
  out.clear();
  Lines lines(text, kFormat, faults);
  IpvsBackend service;
  bool known = false;  // whether the current service was valid
  while (lines.next()) {
    const std::string_view first = lines->word();
    if (first == "IP" || first == "Prot") {
      lines.skip();
      continue;
    }
    const std::string_view second = lines->word();
    if (first != "->") {
      service = {.proto = first};
      if (first == "FWM") {
        service.mark = second;
      } else if (!parse_end(second, service.local, service.local_port)) {
        lines->set_failed();
      }
      known = lines.keep();
      continue;
    }
    if (second == "RemoteAddress:Port" || !known) {
      lines.skip();
      continue;
    }
    IpvsBackend backend = service;
    if (!parse_end(second, backend.remote, backend.remote_port)) lines->set_failed();
    lines->word();  // the forwarding method
    backend.weight = lines->integer();
    backend.active = lines->integer();
    backend.inactive = lines->integer();
    if (lines.keep() && out.size() < kMostBackends) out.push_back(backend);
  }
  return lines.result();
}

Result<IpvsTotals> parse_totals(std::string_view text) {
  Scan scan(text, "net/ip_vs_stats");
  scan.line();
  scan.line();
  IpvsTotals totals;
  totals.connections = scan.integer(16);
  totals.incoming_packets = scan.integer(16);
  totals.outgoing_packets = scan.integer(16);
  totals.incoming_bytes = scan.integer(16);
  totals.outgoing_bytes = scan.integer(16);
  if (!scan.ok()) return fail(scan.error());
  return totals;
}

}  // namespace vitalsd::ip_vs
