// The formats of /proc/meminfo and /proc/vmstat: a name and a number per line. The names differ between kernels.
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
  double value = 0;    ///< in bytes if the line has a unit, else the kernel's count
  bool bytes = false;  ///< whether the line has the unit kB
};

/// More lines than any kernel has (now 70 and 200). Further lines are not read.
inline constexpr std::size_t kMostFields = 1024;

namespace meminfo {
/// Replaces `out`. Leaves out lines with a unit other than kB. Handles bad lines as core/lines.h does.
Result<void> parse(std::string_view text, std::vector<Field>& out, FaultSink& faults);
}  // namespace meminfo

namespace vmstat {
/// Replaces `out`. Handles bad lines as core/lines.h does.
Result<void> parse(std::string_view text, std::vector<Field>& out, FaultSink& faults);
}  // namespace vmstat

}  // namespace vitalsd
