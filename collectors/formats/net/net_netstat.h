// The formats of /proc/PID/net/netstat and snmp (net/ipv4/proc.c), pairs of lines with names above values, and of
// snmp6.
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

/// The bytes of all IP packets in a network namespace, including headers.
struct IpOctets {
  std::optional<std::uint64_t> in, out;
};

namespace net_netstat {
/// A value that is not a number is reported and left out. Malformed: no pair of IpExt lines, fewer values than names
/// (they would no longer correspond), or no valid value at all.
Result<IpOctets> parse_octets(std::string_view text, FaultSink& faults);

/// Adds all of netstat or snmp. A pair whose lines do not match, or that has a value that is not a number, is reported
/// and left out as a whole. Malformed: no valid pair.
Result<void> parse(std::string_view text, Statistics& out, FaultSink& faults);

/// Adds all of snmp6: "Ip6InReceives 7" becomes Ip6_InReceives. Handles bad lines as core/lines.h does. Leaves out
/// names without a 6, which belong to no protocol.
Result<void> parse_snmp6(std::string_view text, Statistics& out, FaultSink& faults);
}  // namespace net_netstat

}  // namespace vitalsd
