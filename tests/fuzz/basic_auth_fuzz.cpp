// Any Authorization field gives user and password, or nothing. An accepted field has only one decoding.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exporters/http/basic_auth.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto got = vitalsd::http::basic_credentials(text);
  if (!got) return 0;
  if (got->user.find(':') != std::string::npos) std::abort();
  const std::size_t decoded = got->user.size() + 1 + got->password.size();
  const std::size_t encoded = text.size() - text.rfind(' ') - 1;
  if ((decoded + 2) / 3 * 4 != encoded) std::abort();
  return 0;
}
