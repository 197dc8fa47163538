// Listen addresses and URLs are accepted or rejected with ListenError; an accepted one prints to text that reads back.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exporters/http/address.h"
#include "exporters/http/client.h"
#include "exporters/http/server.h"

namespace http = vitalsd::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto url = http::parse_url(text);
  if (url && (url->target.find_first_of("\r\n ") != text.npos || url->host.find_first_of("\r\n ") != text.npos))
    std::abort();
  try {
    const http::Address address = http::parse_address(text);
    if (address.is_unix()) {
      if ("unix:" + address.path != text || http::describe(http::unix_name(address.path)) != text) std::abort();
      return 0;
    }
    if (std::stoul(address.port) > 65535) std::abort();
    const bool v6 = address.host.find(':') != text.npos;
    const std::string written = (v6 ? "[" + address.host + "]" : address.host) + ":" + address.port;
    if (written != text) std::abort();
  } catch (const http::ListenError& error) {
    if (!std::string_view(error.what()).starts_with("listen address ")) std::abort();
  }
  return 0;
}
