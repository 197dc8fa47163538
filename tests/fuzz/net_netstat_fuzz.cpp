// /proc/net/netstat, snmp, snmp6 and sockstat: names and memory are bounded, and views stay inside their arena.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/net/net_netstat.h"
#include "collectors/formats/net/net_sockstat.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static Statistics all;
  NoFaults faults;
  all.clear();
  (void)net_netstat::parse(text, all, faults);
  (void)net_netstat::parse_snmp6(text, all, faults);
  (void)net_sockstat::parse(text, 4096, all, faults);
  if (all.fields().size() > kMostFields) std::abort();
  for (const Field& field : all.fields()) {
    const std::size_t line = field.name.find('_');
    if (line == field.name.npos || line == 0 || field.name.find('\n') != field.name.npos) std::abort();
  }
  return 0;
}
