#include "collectors/formats/net/net_dev.h"

#include "core/lines.h"

namespace vitalsd::net_dev {

Result<void> parse(std::string_view text, std::vector<NetDevice>& out, FaultSink& faults) {
  out.clear();
  Scan scan(text, "net/dev");
  // Without the heading the meaning of the columns is unknown.
  for (int heading = 0; heading < 2; ++heading) {
    if (scan.line().find('|') == std::string_view::npos) return fail(scan.error());
  }
  bool any = false;
  Lines lines(scan.rest(), "net/dev", faults);
  for (; lines.next(); any = true) {
    // The last colon ends the name: counters have none, but a name may (old aliases, "eth0:1").
    const std::string_view all = lines->rest();
    const std::size_t colon = all.rfind(':');
    NetDevice device{.name = all.substr(0, colon)};
    if (colon == std::string_view::npos || colon == 0) {
      lines.reject();
      continue;
    }
    *lines = Scan(all.substr(colon + 1), "net/dev");
    for (auto& counter : device.counters) counter = lines->integer();
    if (lines.keep(device.name)) out.push_back(device);
  }
  if (!any) return {};  // a namespace without devices
  return lines.result();
}

}  // namespace vitalsd::net_dev
