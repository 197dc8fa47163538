// One blocking request with a deadline, for the health check and the last push.
//   fetch("http://127.0.0.1:9955/-/healthy", 3s)->status; fetch("unix:/run/vitalsd.sock:/-/healthy", 3s)
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

#include "exporters/http/address.h"

namespace vitalsd::http {

struct Url {
  Address address;
  bool tls = false;    ///< https
  std::string host;    ///< the Host field
  std::string target;  ///< path and query
};

/// "http://host[:port][/path]", "https://" likewise, or "unix:/socket" with ":/path" behind it. Without a path the
/// target is `fallback`.
std::expected<Url, std::string> parse_url(std::string_view text, std::string_view fallback = "/-/healthy");

struct Fetched {
  unsigned status = 0;
  std::string body;  ///< at most 1 MiB
};

/// Whose certificate is good enough for https.
enum class Trust : bool {
  authorities,  ///< one that the system's authorities have signed for the host
  anyone,       ///< for a question to this machine itself
};

/// The answer, or one line about what went wrong. Names are resolved outside the deadline.
std::expected<Fetched, std::string> fetch(std::string_view url, std::chrono::milliseconds deadline,
                                          Trust trust = Trust::authorities);

/// The same with PUT and a body.
std::expected<Fetched, std::string> put(std::string_view url, std::string_view content_type, std::string_view body,
                                        std::chrono::milliseconds deadline);

}  // namespace vitalsd::http
