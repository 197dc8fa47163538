// Any text has a report's text or none, and never one that moves a terminal's cursor.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "daemon/incidents/report_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const char c : vitalsd::report_text({reinterpret_cast<const char*>(data), size})) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n') || byte == 0x7F) std::abort();
  }
  return 0;
}
