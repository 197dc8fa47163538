// Any bytes as the file of TLS and passwords: faults of one line each, or a usable result. No file that it names
// exists.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "daemon/config/web_security.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitalsd::conf;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Faults faults;
  const auto read = [&text](const std::string& path) -> std::expected<std::string, std::string> {
    return path == "web.yml" ? std::expected<std::string, std::string>(text) : std::unexpected("no such file");
  };
  const auto security = load_web_security("web.yml", {}, read, faults);
  if ((security == nullptr) != (faults.count() > 0)) std::abort();
  for (const auto& fault : faults.sorted()) {
    if (describe(fault).find('\n') != std::string::npos || fault.message.empty()) std::abort();
  }
  // No field can end the head of a response early.
  if (security && security->fields.find("\r\n\r\n") != std::string::npos) std::abort();
  return 0;
}
