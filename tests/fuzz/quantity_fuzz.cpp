// Durations and sizes from any text: a value in range or an error, and what is printed reads back as the same value.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/quantity.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto duration = vitalsd::parse_duration(text)) {
    if (duration->count() < 0) std::abort();
    if (vitalsd::parse_duration(vitalsd::format_duration(*duration)) != *duration) std::abort();
  }
  if (const auto bytes = vitalsd::parse_size(text);
      bytes && (text.empty() || text.front() < '0' || text.front() > '9')) {
    std::abort();
  }
  return 0;
}
