// /proc/meminfo and /proc/vmstat, and the families made from their names: all valid, none used twice in one run.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "collectors/formats/fields.h"
#include "collectors/kit/field_families.h"
#include "tests/fuzz/line_rule.h"

namespace {

bool is_metric_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == name.npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  FieldFamilies families({}, {.prefix = "node_memory_", .help_before = "Field "});
  std::vector<Field> fields;
  for (const auto parse : {meminfo::parse, vmstat::parse, meminfo::parse}) {
    NoFaults faults;
    require_line_rule(text, {}, [&](std::string_view lines) {
      Samples samples;
      if (!parse(lines, fields, faults)) return samples;
      for (const Field& field : fields) samples[std::string(field.name)] = field.value;
      return samples;
    });
    if (!parse(text, fields, faults)) continue;
    if (fields.empty() || fields.size() > kMostFields) std::abort();
    std::set<std::string_view> seen;
    for (std::size_t line = 0; line < fields.size(); ++line) {
      const Family* family = families.find(line, fields[line]);
      if (family == nullptr) continue;
      if (!is_metric_name(family->name) || !seen.insert(family->name).second) std::abort();
    }
  }
  return 0;
}
