// The format of /proc/cpuinfo (arch/*/kernel/.../proc.c): a paragraph per CPU, its keys different on each architecture.
#pragma once

#include <string_view>
#include <vector>

#include "core/family.h"
#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// One CPU; views into the parsed text, empty where the architecture does not tell.
struct CpuInfo {
  std::string_view processor, vendor, family, model, model_name, stepping, microcode, cache_size;
  std::string_view package, core;
  std::string_view flags, bugs;  ///< words with a blank between
  double megahertz = kAbsent;
};

namespace cpuinfo {
/// Replaces `out`. A bad line is left out and reported as core/lines.h says; without the line that names its processor,
/// no line of its paragraph is used, for it would be another's. Malformed: no CPU at all. s390 and old ARM name some
/// things over all CPUs, and an old ARM of one CPU does not number it: it is "0".
Result<void> parse(std::string_view text, std::vector<CpuInfo>& out, FaultSink& faults);
}  // namespace cpuinfo

}  // namespace vitalsd
