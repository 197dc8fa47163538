// Parses a request's head with Boost.Beast, and copies only what routes need, into strings that are reused.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace vitalsd::http {

struct RequestHead {
  std::string method;
  std::string target;
  std::string accept;
  std::string accept_encoding;
  std::string authorization;
  std::string content_type;
  std::string content_encoding;
  std::string time_to_live;
  std::string if_none_match;
  std::optional<std::chrono::nanoseconds> scrape_timeout;
  enum class Expect : unsigned char { nothing, go_on, unknown } expect = Expect::nothing;
  int version = 0;              ///< 10 or 11
  unsigned hosts = 0;           ///< number of Host fields
  unsigned authorizations = 0;  ///< number of Authorization fields
  bool has_line = false;        ///< the request line is complete
  bool target_too_long = false;
  unsigned encodings = 0;   ///< number of Transfer-Encoding fields
  bool is_chunked = false;  ///< the last of them is "chunked" alone

  void clear() noexcept;
  /// Path and query of the target; scheme and host of an absolute-form target ("http://host/path") are left out.
  std::string_view path() const noexcept;
  std::string_view query() const noexcept;
};

/// Parses the seconds of X-Prometheus-Scrape-Timeout-Seconds ("15", "9.5"); nothing if they are malformed or out of
/// range.
std::optional<std::chrono::nanoseconds> parse_scrape_timeout(std::string_view text) noexcept;

class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  RequestParser(RequestHead& head, std::size_t target_limit) : head_(head), target_limit_(target_limit) {}

  /// The status of the response to a request that failed with `error`.
  unsigned status_of(const boost::system::error_code& error) const noexcept;

 private:
  using Error = boost::system::error_code;
  using View = boost::beast::string_view;
  void on_request_impl(boost::beast::http::verb, View method, View target, int version, Error& error) override;
  void on_field_impl(boost::beast::http::field name, View name_text, View value, Error& error) override;
  // The connection reads and drops bodies; they are never parsed here.
  void on_response_impl(int, View, int, Error&) override {}
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(View body, Error&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, View, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View body, Error&) override { return body.size(); }
  void on_finish_impl(Error&) override {}

  RequestHead& head_;
  std::size_t target_limit_;
};

}  // namespace vitalsd::http
