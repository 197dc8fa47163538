// Masks the secrets in URLs, so that URLs can be shown and logged.
//   masked_url("http://user:word@gateway:9091/metrics?token=x") is "http://***@gateway:9091/metrics?***"
#pragma once

#include <string>
#include <string_view>

namespace vitalsd::conf {

/// Masks all between "://" and the last '@', and all behind the first '?' or '#', whether the URL is well-formed or
/// not. In a text without "://" the user's part begins with the text.
std::string masked_url(std::string_view url);

/// As masked_url() if `text` holds "://"; else `text` itself.
std::string masked(std::string_view text);

}  // namespace vitalsd::conf
