// The format of /proc/PID/net/netstat (net/ipv4/proc.c): pairs of lines, names above values.
//   IpExt: InNoRoutes ... InOctets OutOctets
//   IpExt: 0 ... 6286396970 2786264347
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

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
}  // namespace net_netstat

}  // namespace vitalsd
