// The format of /proc/diskstats: one block device per line, with 11 counters, 15 since Linux 4.18, 17 since 5.5.
//   "   8       0 sda 25354637 34367663 1003346126 18492372 28444756 11134226 505697032 63877960 0 9653880 82621804"
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

struct DiskStats {
  /// In the order of the file.
  enum Counter : std::uint8_t {
    reads,
    reads_merged,
    read_sectors,
    read_ms,
    writes,
    writes_merged,
    written_sectors,
    write_ms,
    io_now,
    io_ms,
    io_weighted_ms,
    discards,
    discards_merged,
    discarded_sectors,
    discard_ms,
    flushes,
    flush_ms,
    kCounters,
  };

  std::string_view name;  ///< a view into the parsed text
  std::uint32_t major = 0, minor = 0;
  std::size_t count = 0;  ///< how many counters the line has
  std::array<std::uint64_t, kCounters> counters{};
};

namespace diskstats {
/// Replaces `out`. Handles bad lines as core/lines.h does. An empty text means a machine without disks.
Result<void> parse(std::string_view text, std::vector<DiskStats>& out, FaultSink& faults);
}  // namespace diskstats

}  // namespace vitalsd
