// The format of /proc/PID/net/netstat and snmp (net/ipv4/proc.c): pairs of lines, names above values; and of snmp6.
//   IpExt: InNoRoutes ... InOctets OutOctets
//   IpExt: 0 ... 6286396970 2786264347
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "collectors/formats/statistics.h"
#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// Bytes of IP packets in a network namespace, headers included.
struct IpOctets {
  std::optional<std::uint64_t> in, out;
};

namespace net_netstat {
/// A value that is no number costs itself. Malformed: no pair of IpExt lines, fewer values than names (which would then
/// not stand below each other), or nothing but bad values.
Result<IpOctets> parse_octets(std::string_view text, FaultSink& faults);

/// Adds all of netstat or snmp. A pair whose lines do not belong together, or that holds what is no number, costs
/// itself alone and is reported. Malformed: no pair makes sense.
Result<void> parse(std::string_view text, Statistics& out, FaultSink& faults);

/// Adds all of snmp6, "Ip6InReceives 7" as Ip6_InReceives. Bad lines as core/lines.h says; names without a 6 are not
/// of a protocol and left out.
Result<void> parse_snmp6(std::string_view text, Statistics& out, FaultSink& faults);
}  // namespace net_netstat

}  // namespace vitalsd
