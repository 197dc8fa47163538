// The format of /proc/pressure/* and a cgroup's *.pressure (Documentation/accounting/psi.rst).
//   some avg10=0.00 avg60=0.00 avg300=0.00 total=14036781
#pragma once

#include <string_view>

#include "core/family.h"
#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// Seconds stalled since boot. A line that the kernel does not print is kAbsent: irq has no `some`.
struct Pressure {
  double some_seconds = kAbsent;  ///< at least one task waited
  double full_seconds = kAbsent;  ///< no task could make progress
};

namespace psi {
/// Handles bad lines as core/lines.h does. Malformed if neither `some` nor `full` could be read.
Result<Pressure> parse(std::string_view text, FaultSink& faults);
}  // namespace psi

}  // namespace vitalsd
