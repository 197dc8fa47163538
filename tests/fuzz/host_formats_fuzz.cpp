// The small formats below /proc and /sys. The first byte selects the format of the rest.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/cpu_list.h"
#include "collectors/formats/file_nr.h"
#include "collectors/formats/loadavg.h"
#include "collectors/formats/net/net_netstat.h"
#include "collectors/formats/pid/pid_limits.h"
#include "collectors/formats/psi.h"
#include "collectors/formats/uptime.h"
#include "tests/fuzz/line_rule.h"

namespace {

vitalsd::NoFaults no_faults;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_cpu_list(std::string_view text) {
  std::vector<std::uint32_t> list;
  if (!vitalsd::cpu_list::parse(text, list)) return;
  for (std::size_t i = 1; i < list.size(); ++i) require(list[i - 1] < list[i]);
  require(list.empty() || list.back() < vitalsd::cpu_list::kLimit);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'l':
      if (const auto load = loadavg::parse(text)) require(std::isfinite(load->one + load->five + load->fifteen));
      break;
    case 'u':
      if (const auto seconds = uptime::parse(text)) require(std::isfinite(*seconds) && *seconds >= 0);
      break;
    case 'f': (void)file_nr::parse(text); break;
    case 'p':
      require_line_rule(text, {}, [](std::string_view lines) {
        Samples samples;
        const auto pressure = psi::parse(lines, no_faults);
        if (pressure && !std::isnan(pressure->some_seconds)) samples["some"] = pressure->some_seconds;
        if (pressure && !std::isnan(pressure->full_seconds)) samples["full"] = pressure->full_seconds;
        return samples;
      });
      if (const auto pressure = psi::parse(text, no_faults))
        require(pressure->some_seconds >= 0 || pressure->full_seconds >= 0);
      break;
    case 'c': check_cpu_list(text); break;
    case 'm':
      if (const auto limits = pid_limits::parse(text, no_faults)) require(limits->open_files || limits->address_space);
      break;
    case 'n': (void)net_netstat::parse_octets(text, no_faults); break;
    default: break;
  }
  return 0;
}
