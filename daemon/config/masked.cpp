#include "daemon/config/masked.h"

#include <algorithm>

namespace vitalsd::conf {
namespace {

constexpr std::string_view kHidden = "***";
constexpr std::string_view kAfterScheme = "://";

}  // namespace

// People put '/', '?' and '@' into passwords without escaping them: all up to the last '@' may be part of the password.
std::string masked_url(std::string_view url) {
  const auto scheme = url.find(kAfterScheme);
  const std::size_t begin = scheme == url.npos ? 0 : scheme + kAfterScheme.size();
  const auto at = url.rfind('@');
  const bool has_user = at != url.npos && at >= begin;
  std::string shown(url.substr(0, begin));
  std::string_view rest = url.substr(has_user ? at : begin);
  // A '?' before the '@' begins a query that holds an '@', or is part of a password: both are masked.
  if (has_user) shown += kHidden;
  const auto query = std::min(rest.find_first_of("?#"), rest.size());
  shown += rest.substr(0, query);
  if (query < rest.size()) (shown += rest[query]) += kHidden;
  return shown;
}

std::string masked(std::string_view text) {
  const auto scheme = text.find(kAfterScheme);
  if (scheme == text.npos) return std::string(text);
  return std::string(text.substr(0, scheme)) + masked_url(text.substr(scheme));
}

}  // namespace vitalsd::conf
