// The format of /proc/pressure/* and a cgroup's *.pressure (Documentation/accounting/psi.rst).
//   some avg10=0.00 avg60=0.00 avg300=0.00 total=14036781
#pragma once

#include <string_view>

#include "core/family.h"
#include "core/result.h"

namespace vitalsd {

/// Seconds stalled since boot. A line that the kernel does not give is kAbsent: irq has no `some`.
struct Pressure {
  double some_seconds = kAbsent;  ///< at least one task waited
  double full_seconds = kAbsent;  ///< no task could make progress
};

namespace psi {
/// Fails as malformed when there is neither a `some` nor a `full` line, or one of them lacks its total.
Result<Pressure> parse(std::string_view text);
}  // namespace psi

}  // namespace vitalsd
