#include "collectors/formats/fields.h"

#include "core/lines.h"

namespace vitalsd {

Result<void> meminfo::parse(std::string_view text, std::vector<Field>& out, FaultSink& faults) {
  out.clear();
  Lines lines(text, "meminfo", faults);
  while (lines.next() && out.size() < kMostFields) {
    if (lines.whole().starts_with("        total:")) continue;  // the heading of a table in bytes (Linux 2.4)
    Field field{.name = lines->until(':')};
    field.value = static_cast<double>(lines->integer());
    const std::string_view unit = lines->optional_word();
    if (field.name.empty()) lines->set_failed();
    if (lines->ok() && !unit.empty() && unit != "kB") continue;  // neither a fault nor a used line
    if (!lines.keep()) continue;
    if (unit == "kB") {
      field.bytes = true;
      field.value *= 1024;
    }
    out.push_back(field);
  }
  return lines.result();
}

Result<void> vmstat::parse(std::string_view text, std::vector<Field>& out, FaultSink& faults) {
  out.clear();
  Lines lines(text, "vmstat", faults);
  while (lines.next() && out.size() < kMostFields) {
    Field field{.name = lines->word()};
    // Counters are unsigned, but a sum over CPUs may be negative for a moment.
    field.value = lines->skip_blanks().rest().starts_with('-') ? static_cast<double>(lines->integer<std::int64_t>())
                                                               : static_cast<double>(lines->integer());
    if (lines.keep()) out.push_back(field);
  }
  return lines.result();
}

}  // namespace vitalsd
