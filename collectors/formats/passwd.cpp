#include "collectors/formats/passwd.h"

#include "core/scan.h"

namespace vitalsd::passwd {

std::string_view name_of(std::string_view text, std::uint64_t uid) {
  Scan scan(text, "passwd");
  while (!scan.at_end()) {
    Scan line(scan.line(), "passwd");
    const std::string_view name = line.until(':');
    line.until(':');  // the password, or "x"
    const std::string_view id = line.until(':');
    if (!line.ok() || name.empty()) continue;
    if (const auto number = parse_number<std::uint64_t>(id, "passwd"); number && *number == uid) return name;
  }
  return {};
}

}  // namespace vitalsd::passwd
