// /proc/cpuinfo: every view lies in the text, every CPU has a number, and no line changes what another means.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include "collectors/formats/cpuinfo.h"
#include "core/scan.h"
#include "tests/fuzz/line_rule.h"

namespace {

vitalsd::NoFaults no_faults;

// Puts the lines in one paragraph of x86, since keys above all CPUs and the list of CPUs depend on several lines.
vitalsd::Samples of_paragraph(std::string_view lines) {
  using namespace vitalsd;
  Samples samples;
  std::vector<CpuInfo> cpus;
  if (!cpuinfo::parse(lines, cpus, no_faults)) return samples;
  const auto add = [&](const char* what, std::string_view value) {
    if (!value.empty()) samples[what] = static_cast<double>(std::hash<std::string_view>()(value));
  };
  add("vendor", cpus[0].vendor);
  add("model", cpus[0].model);
  add("model name", cpus[0].model_name);
  add("core", cpus[0].core);
  add("flags", cpus[0].flags);
  if (!std::isnan(cpus[0].megahertz)) samples["MHz"] = cpus[0].megahertz;
  return samples;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string paragraph;
  for (Scan scan(text, "fuzz"); !scan.at_end();) {
    const std::string_view line = scan.line();
    if (line.find_first_not_of(" \t\r") != line.npos) paragraph.append(line).append("\n");
  }
  if (paragraph.find("rocessor") == std::string::npos && paragraph.find("cpu number") == std::string_view::npos) {
    require_line_rule(paragraph, "processor : 0\n", of_paragraph);
  }
  std::vector<CpuInfo> cpus;
  if (!cpuinfo::parse(text, cpus, no_faults)) return 0;
  if (cpus.empty()) std::abort();
  for (const CpuInfo& cpu : cpus) {
    if (cpu.processor.empty()) std::abort();
    for (const std::string_view view : {cpu.vendor, cpu.model_name, cpu.flags, cpu.bugs}) {
      if (!view.empty() && (view.data() < text.data() || view.data() + view.size() > text.data() + size)) std::abort();
    }
  }
  return 0;
}
