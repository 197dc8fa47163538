// Any /proc/PID/smaps_rollup and smaps: an accepted rollup had both lines, and its values fit; and a sum does not
// depend on where its pieces end.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/pid/pid_smaps.h"

namespace {

void check_sum(std::string_view text, std::size_t piece) {
  vitalsd::pid_smaps::Sum whole, parts;
  whole.add(text);
  while (!text.empty()) {
    parts.add(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
  const auto one = whole.result(), other = parts.result();
  if (one.has_value() != other.has_value()) std::abort();
  if (!one) return;
  if (one->has_value() != other->has_value()) std::abort();
  if (*one && ((*one)->pss != (*other)->pss || (*one)->swap_pss != (*other)->swap_pss)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::size_t piece : {1, 7, 64}) check_sum(text, piece);
  const auto smaps = vitalsd::pid_smaps::parse(text);
  if (!smaps) return 0;
  if (text.find("Pss:") == std::string_view::npos || text.find("SwapPss:") == std::string_view::npos) std::abort();
  if (smaps->pss % 1024 != 0 || smaps->swap_pss % 1024 != 0) std::abort();
  return 0;
}
