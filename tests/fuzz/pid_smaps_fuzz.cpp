// Whatever /proc/PID/smaps_rollup holds: what was accepted had both lines, and fits.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/pid/pid_smaps.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto smaps = vitalsd::pid_smaps::parse(text);
  if (!smaps) return 0;
  if (text.find("Pss:") == std::string_view::npos || text.find("SwapPss:") == std::string_view::npos) std::abort();
  if (smaps->pss % 1024 != 0 || smaps->swap_pss % 1024 != 0) std::abort();
  return 0;
}
