// /proc/interrupts and softirqs: each row has as many numbers as there are CPUs.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/cpu_counts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  static CpuCounts counts;
  NoFaults faults;
  if (!cpu_counts::parse({reinterpret_cast<const char*>(data), size}, counts, faults)) return 0;
  if (counts.cpus.empty() || counts.numbers.size() != counts.rows.size() * counts.cpus.size()) std::abort();
  for (const CpuCounts::Row& row : counts.rows) {
    if (row.name.empty() || counts.of(row).size() != counts.cpus.size()) std::abort();
  }
  return 0;
}
