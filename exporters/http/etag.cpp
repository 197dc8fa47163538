#include "exporters/http/etag.h"

namespace vitalsd::http {
namespace {

constexpr std::string_view kWeak = "W/";
constexpr std::string_view kBetween = " \t,";

std::string_view opaque(std::string_view etag) noexcept {
  if (etag.starts_with(kWeak)) etag.remove_prefix(kWeak.size());
  return etag;
}

}  // namespace

bool has_etag(std::string_view if_none_match, std::string_view etag) noexcept {
  if (etag.empty()) return false;
  std::string_view rest = if_none_match;
  for (;;) {
    const auto begin = rest.find_first_not_of(kBetween);
    if (begin == rest.npos) return false;
    rest.remove_prefix(begin);
    if (rest.front() == '*') return true;
    rest = opaque(rest);
    if (!rest.starts_with('"')) return false;
    const auto end = rest.find('"', 1);
    if (end == rest.npos) return false;
    if (rest.substr(0, end + 1) == opaque(etag)) return true;
    rest.remove_prefix(end + 1);
  }
}

Response not_modified(Response response) {
  response.status = 304;
  response.body.reset();
  response.content_encoding = {};
  return response;
}

}  // namespace vitalsd::http
