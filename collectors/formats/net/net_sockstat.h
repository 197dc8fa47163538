// The format of /proc/net/sockstat and sockstat6 (net/ipv4/proc.c, net/ipv6/proc.c): a protocol and its counts.
//   sockets: used 229
//   TCP: inuse 4 orphan 0 tw 4 alloc 17 mem 1
#pragma once

#include <cstdint>
#include <string_view>

#include "collectors/formats/statistics.h"
#include "core/faults.h"
#include "core/result.h"

namespace vitalsd::net_sockstat {

/// Adds "sockets_used", "TCP_inuse" and so on. Adds "TCP_mem", which counts pages, a second time in bytes. Leaves out
/// unknown counts. Handles bad lines as core/lines.h does.
Result<void> parse(std::string_view text, double page_size, Statistics& out, FaultSink& faults);

}  // namespace vitalsd::net_sockstat
