// /proc/cpuinfo: every view that comes out lies in the text, and every CPU has its number.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/cpuinfo.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<CpuInfo> cpus;
  if (!cpuinfo::parse(text, cpus)) return 0;
  if (cpus.empty()) std::abort();
  for (const CpuInfo& cpu : cpus) {
    if (cpu.processor.empty()) std::abort();
    for (const std::string_view view : {cpu.processor, cpu.vendor, cpu.model_name, cpu.flags, cpu.bugs}) {
      if (!view.empty() && (view.data() < text.data() || view.data() + view.size() > text.data() + size)) std::abort();
    }
  }
  return 0;
}
