#include "exporters/http/response_head.h"

#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <utility>

namespace vitalsd::http {
namespace {

constexpr unsigned kNotModified = 304;

void append_number(std::string& out, std::size_t number) {
  std::array<char, 24> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

}  // namespace

void append_head(std::string& out, const Response& response, After after, std::string_view more) {
  out += "HTTP/1.1 ";
  append_number(out, response.status);
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  out += ' ';
  out.append(reason.data(), reason.size());
  out += "\r\n";
  if (response.status != kNotModified) {  // whose fields are those of the response that the client has
    append_field(out, "Content-Type", response.content_type);
    out += "Content-Length: ";
    append_number(out, response.body ? response.body->size() : 0);
    out += "\r\n";
  }
  append_field(out, "Content-Encoding", response.content_encoding);
  if (response.vary_encoding) append_field(out, "Vary", "Accept-Encoding");
  if (!response.cache_control.empty()) {
    append_field(out, "Cache-Control", response.cache_control);
  } else if (response.no_store) {
    append_field(out, "Cache-Control", "no-store");
  }
  append_field(out, "ETag", response.etag);
  append_field(out, "Content-Security-Policy", response.content_policy);
  append_field(out, "X-Content-Type-Options", "nosniff");
  append_field(out, "Allow", response.allow);
  append_field(out, "WWW-Authenticate", response.authenticate);
  if (response.retry_after != 0) {
    out += "Retry-After: ";
    append_number(out, response.retry_after);
    out += "\r\n";
  }
  constexpr std::array<std::string_view, 3> kConnection = {"close", "", "keep-alive"};
  append_field(out, "Connection", kConnection[static_cast<std::size_t>(after)]);
  out += more;
  out += "\r\n";
}

Response text_response(unsigned status, std::string text) {
  text += '\n';
  Response response;
  response.status = status;
  response.body = std::make_shared<const std::string>(std::move(text));
  return response;
}

}  // namespace vitalsd::http
