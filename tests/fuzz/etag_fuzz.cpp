// Any If-None-Match gets a verdict, which what stands in front of it or behind it in a list does not take back.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exporters/http/etag.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vitalsd::http::has_etag;
  constexpr std::string_view kTag = "W/\"a,b\"";
  const std::string text(reinterpret_cast<const char*>(data), size);
  const bool found = has_etag(text, kTag);
  if (found != has_etag(text, "\"a,b\"")) std::abort();                  // weak or not
  if (found && !has_etag(text + ", \"x\"", kTag)) std::abort();          // what follows
  if (found && !has_etag("\"x\", W/\"y\"," + text, kTag)) std::abort();  // what comes before
  if (!has_etag("\"a,b\", " + text, kTag) || has_etag(text, {})) std::abort();
  return 0;
}
