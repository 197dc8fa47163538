// Any Accept-Encoding field gets a verdict, which malformed parts of it cannot change.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exporters/http/negotiate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const bool allowed = vitalsd::http::accepts_gzip(text);
  // Malformed items and unknown codings change nothing.
  if (vitalsd::http::accepts_gzip(text + ",zzz;q=1,gzip;q=7") != allowed) std::abort();
  if (vitalsd::http::accepts_gzip("br;q=0.9,;;," + text) != allowed) std::abort();
  // At full weight it is always allowed.
  if (!vitalsd::http::accepts_gzip(text + ",gzip")) std::abort();
  return 0;
}
