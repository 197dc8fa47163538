// Performance data of a monitoring plugin (Nagios and its kin): what follows '|' in its output,
// 'label'=value[UOM];warn;crit;min;max as in the Monitoring Plugins Development Guidelines, section "Performance data".
//   for (const PerfDatum& datum : parse_perfdata(output, faults)) ...
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/family.h"
#include "core/faults.h"

namespace vitalsd {

/// One value, in base units. What the plugin does not say is kAbsent.
struct PerfDatum {
  struct Ends {
    double low = kAbsent, high = kAbsent;
  };
  std::string label;
  std::string unit;  ///< "seconds", "bytes", "ratio", empty, or the plugin's own word
  double value = 0;
  bool is_counter = false;  ///< its unit was c
  Ends warning, critical;   ///< what is alerted on lies outside; ranges that alert inside (@) are left out
  double least = kAbsent, most = kAbsent;
};

/// How many are read of one output.
inline constexpr std::size_t kMostPerfData = 1000;

/// Those of the whole output of a plugin: behind '|' in the first line, and behind the first one in later lines. One
/// that makes no sense, or comes twice, costs itself; one whose value is unknown (U) is left out.
std::vector<PerfDatum> parse_perfdata(std::string_view output, FaultSink& faults);

}  // namespace vitalsd
