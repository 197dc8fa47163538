#include "collectors/formats/fields.h"

#include "core/scan.h"

namespace vitalsd {

Result<void> meminfo::parse(std::string_view text, std::vector<Field>& out) {
  out.clear();
  Scan scan(text, "meminfo");
  while (!scan.at_end()) {
    Scan line(scan.line(), "meminfo");
    if (line.at_end()) continue;
    Field field{.name = line.until(':')};
    field.value = static_cast<double>(line.integer());
    const std::string_view unit = line.optional_word();
    if (!line.ok() || field.name.empty() || out.size() == kMostFields) return fail(line.error());
    if (unit == "kB") {
      field.bytes = true;
      field.value *= 1024;
    } else if (!unit.empty()) {
      continue;
    }
    out.push_back(field);
  }
  if (out.empty()) return fail(scan.error());
  return {};
}

Result<void> vmstat::parse(std::string_view text, std::vector<Field>& out) {
  out.clear();
  Scan scan(text, "vmstat");
  while (!scan.at_end()) {
    Scan line(scan.line(), "vmstat");
    if (line.at_end()) continue;
    Field field{.name = line.word()};
    // Counters are unsigned, but sums over CPUs may be caught below zero.
    field.value = line.skip_blanks().rest().starts_with('-') ? static_cast<double>(line.integer<std::int64_t>())
                                                             : static_cast<double>(line.integer());
    if (!line.ok() || out.size() == kMostFields) return fail(line.error());
    out.push_back(field);
  }
  if (out.empty()) return fail(scan.error());
  return {};
}

}  // namespace vitalsd
