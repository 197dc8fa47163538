// A query, decoded, encoded and decoded again, gives the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exporters/http/query.h"

namespace http = vitalsd::http;

namespace {
void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4U];
    out += kHex[byte & 15U];
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto query = http::parse_query({reinterpret_cast<const char*>(data), size});
  if (!query) return 0;
  if (query->parameters().size() > http::Query::kMostParameters) std::abort();
  std::string text;
  for (const auto& [name, value] : query->parameters()) {
    if (!query->has(name) || query->all(name).empty()) std::abort();
    append_encoded(text, name);
    text += '=';
    append_encoded(text, value);
    text += '&';
  }
  if (text.size() > http::Query::kMostBytes) return 0;
  const auto again = http::parse_query(text);
  if (!again || again->parameters() != query->parameters()) std::abort();
  return 0;
}
