// The format of ZFS's statistics in /proc/spl/kstat/zfs (module/os/linux/spl/spl-kstat.c): a line for the kernel's own
// use, a heading, then a name, a type and a value per line, or (raw) a row of values below a row of names.
//   "name                            type data\nhits                            4    7067992"
#pragma once

#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// The name is a view into the parsed text.
struct Kstat {
  std::string_view name;
  double value = 0;
};

/// More than any file of ZFS has (arcstats now has 120). Further lines are not read.
inline constexpr std::size_t kMostKstats = 1024;

namespace kstat {
/// Replaces `out` by the numbers (types 3 and 4, KSTAT_DATA_INT64 and UINT64). Sets `dataset` to the value of
/// "dataset_name", which may contain blanks, or to empty. Malformed without the heading. Handles bad lines as
/// core/lines.h does.
Result<void> parse(std::string_view text, std::vector<Kstat>& out, std::string_view& dataset, FaultSink& faults);

/// Replaces `out` by the row of numbers below the line of names that begins with "nread". Malformed if the two rows do
/// not match.
Result<void> parse_io(std::string_view text, std::vector<Kstat>& out);
}  // namespace kstat

}  // namespace vitalsd
