// What a monitoring plugin prints: labels are unique and short, values are numbers in known units.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "collectors/formats/perfdata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  NoFaults faults;
  const auto all = parse_perfdata({reinterpret_cast<const char*>(data), size}, faults);
  if (all.size() > kMostPerfData) std::abort();
  std::set<std::string_view> labels;
  for (const PerfDatum& datum : all) {
    if (datum.label.empty() || datum.label.size() > 256 || datum.unit.size() > 16) std::abort();
    if (!labels.insert(datum.label).second || std::isnan(datum.value)) std::abort();
  }
  return 0;
}
