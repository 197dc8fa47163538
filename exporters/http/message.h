// The request that a route gets and the response that it returns, without types of Boost.Beast.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace vitalsd::http {

/// Views into the connection's buffers: valid until the handler's coroutine has ended.
struct Request {
  std::string_view method;
  std::string_view path;   ///< without the query, not percent-decoded
  std::string_view query;  ///< after '?', not decoded
  std::string_view accept;
  std::string_view accept_encoding;
  std::optional<std::chrono::nanoseconds> scrape_timeout = {};  ///< X-Prometheus-Scrape-Timeout-Seconds
  std::string_view content_type = {};
  std::string_view content_encoding = {};
  std::string_view time_to_live = {};                ///< X-Vitalsd-TTL
  std::optional<std::uint64_t> content_length = {};  ///< of the body; nothing: it comes in chunks
  std::string_view if_none_match = {};
};

struct Response {
  unsigned status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";  ///< static
  std::shared_ptr<const std::string> body;                      ///< sent without a copy; null: empty
  std::string_view content_encoding = {};                       ///< static; "gzip" or empty
  bool vary_encoding = false;                                   ///< adds Vary: Accept-Encoding
  bool no_store = true;                                         ///< adds Cache-Control: no-store
  std::string_view cache_control = {};                          ///< static; adds Cache-Control in place of no-store
  std::string etag = {};                                        ///< with its quotes; adds ETag
  std::string_view content_policy = {};                         ///< static; adds Content-Security-Policy
  std::string_view allow = {};                                  ///< static; adds Allow, for 405
  unsigned retry_after = 0;                                     ///< seconds; adds Retry-After, for 429 and 503
  std::string_view authenticate = {};                           ///< static; adds WWW-Authenticate, for 401
};

/// A short text response; appends a newline.
Response text_response(unsigned status, std::string text);

}  // namespace vitalsd::http
