#include "collectors/formats/net_dev.h"

#include "core/scan.h"

namespace vitalsd::net_dev {

Result<void> parse(std::string_view text, std::vector<NetDevice>& out) {
  out.clear();
  Scan scan(text, "net/dev");
  for (int heading = 0; heading < 2; ++heading) {
    if (scan.line().find('|') == std::string_view::npos) return fail(scan.error());
  }
  while (!scan.at_end()) {
    Scan line(scan.line(), "net/dev");
    const std::string_view all = line.skip_blanks().rest();
    if (all.empty()) continue;
    // The counters have no colon, the name may (old aliases, "eth0:1"): the last one divides.
    const std::size_t colon = all.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return fail(line.error());
    NetDevice device{.name = all.substr(0, colon)};
    Scan numbers(all.substr(colon + 1), "net/dev");
    for (auto& counter : device.counters) counter = numbers.integer();
    if (!numbers.ok()) return fail(numbers.error());
    out.push_back(device);
  }
  return {};
}

}  // namespace vitalsd::net_dev
