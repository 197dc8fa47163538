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

std::optional<Account> account_of(std::string_view text, std::string_view name) {
  Scan scan(text, "passwd");
  while (!scan.at_end()) {
    Scan line(scan.line(), "passwd");
    if (name.empty() || line.until(':') != name) continue;
    line.until(':');  // the password, or "x"
    const auto uid = parse_number<std::uint32_t>(line.until(':'), "passwd");
    const auto gid = parse_number<std::uint32_t>(line.until(':'), "passwd");
    if (line.ok() && uid && gid) return Account{*uid, *gid};
  }
  return std::nullopt;
}

}  // namespace vitalsd::passwd
