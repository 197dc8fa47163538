// Parses the Authorization field of HTTP Basic authentication, RFC 7617.
//   basic_credentials("Basic YWxpY2U6c2VjcmV0") is {"alice", "secret"}
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vitalsd::http {

struct Credentials {
  std::string user, password;
};

/// Nothing when the field is of another scheme, not Base64, or has no colon.
std::optional<Credentials> basic_credentials(std::string_view authorization);

/// RFC 4648 section 4, with padding.
std::string encode_base64(std::string_view bytes);

}  // namespace vitalsd::http
