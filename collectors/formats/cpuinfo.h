// The format of /proc/cpuinfo (arch/*/kernel/.../proc.c): a paragraph per CPU, its keys different on each architecture.
#pragma once

#include <string_view>
#include <vector>

#include "core/family.h"
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
/// Replaces `out`. Malformed: no line that names a processor by its number.
Result<void> parse(std::string_view text, std::vector<CpuInfo>& out);
}  // namespace cpuinfo

}  // namespace vitalsd
