// Makes one blocking request with a deadline, for the health check and the last push.
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
  std::string host;    ///< for the Host field
  std::string target;  ///< path and query
};

/// Takes "http://host[:port][/path]", the same with "https://", or "unix:/socket[:/path]". Without a path the target is
/// `fallback`.
std::expected<Url, std::string> parse_url(std::string_view text, std::string_view fallback = "/-/healthy");

struct Fetched {
  unsigned status = 0;
  std::string body;  ///< at most 1 MiB
};

/// Which certificates an https request accepts.
enum class Trust : bool {
  authorities,  ///< those that the system's authorities have signed for the host
  anyone,       ///< any; for requests to this machine itself
};

/// Sends a GET request. Returns the response, or one line that says why there is none. The deadline does not cover
/// resolving the name.
std::expected<Fetched, std::string> fetch(std::string_view url, std::chrono::milliseconds deadline,
                                          Trust trust = Trust::authorities);

/// Sends a PUT request with a body.
std::expected<Fetched, std::string> put(std::string_view url, std::string_view content_type, std::string_view body,
                                        std::chrono::milliseconds deadline);

/// Sends a POST request with a body. `fields` are further header fields, each ended by CRLF.
std::expected<Fetched, std::string> post(std::string_view url, std::string_view content_type, std::string_view fields,
                                         std::string_view body, std::chrono::milliseconds deadline);

}  // namespace vitalsd::http
