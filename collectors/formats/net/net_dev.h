// The format of /proc/net/dev (net/core/net-procfs.c): a heading of two lines, then one line of counters per device.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// The counters of one network device, in the order of the file. `name` is a view into the parsed text.
struct NetDevice {
  enum Counter : std::uint8_t {
    rx_bytes,
    rx_packets,
    rx_errs,
    rx_drop,
    rx_fifo,
    rx_frame,
    rx_compressed,
    rx_multicast,
    tx_bytes,
    tx_packets,
    tx_errs,
    tx_drop,
    tx_fifo,
    tx_colls,
    tx_carrier,
    tx_compressed,
    kCounters
  };
  std::string_view name;  ///< any bytes except blanks and '/'
  std::array<std::uint64_t, kCounters> counters{};
};

namespace net_dev {
/// Replaces `out`. Handles bad lines (no name, or fewer than sixteen numbers) as core/lines.h does. Malformed without
/// the heading.
Result<void> parse(std::string_view text, std::vector<NetDevice>& out, FaultSink& faults);
}  // namespace net_dev

}  // namespace vitalsd
