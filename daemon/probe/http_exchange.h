// One HTTP request and its response over a Stream, read by Beast's parser within limits.
//   HttpReply reply; const auto fault = co_await http_exchange(stream, {.text = request}, reply);
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "daemon/probe/outcome.h"
#include "daemon/probe/stream.h"

namespace vitalsd {

struct HttpAsk {
  std::string text;                                 ///< the request, head and body
  bool is_head = false;                             ///< the response to HEAD has no body, whatever its head says
  std::size_t keep = std::size_t{64} << 10U;        ///< bytes of the body that are kept
  std::size_t body_limit = std::size_t{16} << 20U;  ///< a larger body is refused
};

struct HttpReply {
  unsigned status = 0;   ///< 0: no head came
  unsigned version = 0;  ///< 10 or 11
  std::string location, content_type;
  std::optional<std::uint64_t> content_length;  ///< as the head says it
  std::string body;                             ///< its first `keep` bytes
  std::uint64_t body_bytes = 0;
  std::chrono::steady_clock::time_point sent, first_byte;
  std::string detail;  ///< why it failed
};

/// Errors: timeout, closed, io, malformed, too_large. What had arrived by then is in `reply`.
boost::asio::awaitable<ProbeFault> http_exchange(Stream& stream, HttpAsk ask, HttpReply& reply);

/// Writes the head of a request up to its last field. Values must not have line ends.
std::string http_request_line(std::string_view method, std::string_view target, std::string_view version);
void append_field(std::string& head, std::string_view name, std::string_view value);
/// The value of an Authorization field.
std::string basic_authorization(std::string_view user, std::string_view password);

/// The URL that a Location field of `base`'s response names; the error is one line.
std::expected<std::string, std::string> redirected(const std::string& base, const std::string& location);

}  // namespace vitalsd
