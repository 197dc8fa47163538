// The formats of /proc/meminfo and /proc/vmstat: a name and a number on each line, names coming and going with kernels.
//   meminfo: "Active(anon):    2020004 kB"     vmstat: "pgfault 2320168809"
#pragma once

#include <string_view>
#include <vector>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// One line. `name` is a view into the parsed text.
struct Field {
  std::string_view name;
  double value = 0;    ///< bytes where the line has a unit, else what the kernel counts
  bool bytes = false;  ///< the line has the unit kB
};

/// More lines than any kernel has (70 and 200 by now); those beyond are not read.
inline constexpr std::size_t kMostFields = 1024;

namespace meminfo {
/// Replaces `out`. Lines of another unit than kB are left out; bad lines as core/lines.h says.
Result<void> parse(std::string_view text, std::vector<Field>& out, FaultSink& faults);
}  // namespace meminfo

namespace vmstat {
/// Replaces `out`. Bad lines as core/lines.h says.
Result<void> parse(std::string_view text, std::vector<Field>& out, FaultSink& faults);
}  // namespace vmstat

}  // namespace vitalsd
