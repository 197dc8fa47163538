// The format of ZFS' statistics in /proc/spl/kstat/zfs (module/os/linux/spl/spl-kstat.c): a line for the kernel's own
// use, a heading, then a name, a type and a value on each line, or (raw) a row of values below a row of names.
//   "name                            type data\nhits                            4    7067992"
#pragma once

#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// Views into the parsed text.
struct Kstat {
  std::string_view name;
  double value = 0;
};

/// More than any file of ZFS has (arcstats: 120 by now); those beyond are not read.
inline constexpr std::size_t kMostKstats = 1024;

namespace kstat {
/// Replaces `out` with the numbers (types 3 and 4, KSTAT_DATA_INT64 and UINT64); `dataset` gets the value of
/// "dataset_name", which may have blanks, or stays empty. Malformed without the heading; bad lines as core/lines.h
/// says.
Result<void> parse(std::string_view text, std::vector<Kstat>& out, std::string_view& dataset, FaultSink& faults);

/// Replaces `out` with one row of numbers below the line of names that begins with "nread". Malformed where they do not
/// fit.
Result<void> parse_io(std::string_view text, std::vector<Kstat>& out);
}  // namespace kstat

}  // namespace vitalsd
