// The format of /proc/cpuinfo (arch/*/kernel/.../proc.c): a paragraph for each CPU, with keys that depend on the
// architecture.
#pragma once

#include <string_view>
#include <vector>

#include "core/family.h"
#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// One CPU. Members are views into the parsed text, empty where the architecture does not report them.
struct CpuInfo {
  std::string_view processor, vendor, family, model, model_name, stepping, microcode, cache_size;
  std::string_view package, core;
  std::string_view flags, bugs;  ///< words separated by a blank
  double megahertz = kAbsent;
};

namespace cpuinfo {
/// Replaces `out`. Handles bad lines as core/lines.h does. If the line with the processor's number is bad, its whole
/// paragraph is unused, since it would count for another CPU. Malformed: no CPU at all. s390 and old ARM print some
/// keys once, above all CPUs, and an old ARM with one CPU does not number it: it becomes "0".
Result<void> parse(std::string_view text, std::vector<CpuInfo>& out, FaultSink& faults);
}  // namespace cpuinfo

}  // namespace vitalsd
