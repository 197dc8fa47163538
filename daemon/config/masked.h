// URLs as they may be shown: without the secrets that people put in them.
//   masked_url("http://user:word@gateway:9091/metrics?token=x") is "http://***@gateway:9091/metrics?***"
#pragma once

#include <string>
#include <string_view>

namespace vitalsd::conf {

/// Of a URL, well-formed or not: all before its last '@' and all behind its first '?' or '#' is left out. What is none
/// stays as it is, unless it has an '@'.
std::string masked_url(std::string_view url);

/// Of any text: the same where there is a "://" in it.
std::string masked(std::string_view text);

}  // namespace vitalsd::conf
