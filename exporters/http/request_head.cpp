#include "exporters/http/request_head.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <charconv>
#include <cmath>

namespace vitalsd::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

void append_list(std::string& list, beast::string_view value) {
  if (!list.empty()) list += ", ";
  list += view(value);
}

std::string_view origin_form(std::string_view target) noexcept {
  if (target.starts_with('/') || !target.starts_with("http")) return target;
  const auto scheme = target.find("://");
  if (scheme == target.npos || scheme > 5) return target;
  const auto path = target.find_first_of("/?", scheme + 3);
  return path == target.npos ? std::string_view("/") : target.substr(path);
}

}  // namespace

void RequestHead::clear() noexcept {
  method.clear();
  target.clear();
  accept.clear();
  accept_encoding.clear();
  authorization.clear();
  content_type.clear();
  content_encoding.clear();
  time_to_live.clear();
  if_none_match.clear();
  scrape_timeout.reset();
  expect = Expect::nothing;
  version = 0;
  hosts = authorizations = encodings = 0;
  has_line = target_too_long = is_chunked = false;
}

std::string_view RequestHead::path() const noexcept {
  const std::string_view form = origin_form(target);
  return form.starts_with('?') ? std::string_view("/") : form.substr(0, form.find('?'));
}

std::string_view RequestHead::query() const noexcept {
  const std::string_view form = origin_form(target);
  const auto mark = form.find('?');
  return mark == form.npos ? std::string_view() : form.substr(mark + 1);
}

std::optional<std::chrono::nanoseconds> parse_scrape_timeout(std::string_view text) noexcept {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr double kMost = 86400;
  constexpr double kLeast = 1e-9;  // one nanosecond
  if (ec != std::errc{} || end != text.data() + text.size() || !(value >= kLeast) || value > kMost) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(value * 1e9));
}

unsigned RequestParser::status_of(const boost::system::error_code& error) const noexcept {
  if (head_.target_too_long) return 414;
  if (error == beast::http::error::header_limit) return head_.has_line ? 431 : 414;
  if (error == beast::http::error::body_limit) return 413;
  return 400;
}

void RequestParser::on_request_impl(beast::http::verb, View method, View target, int version, Error& error) {
  head_.has_line = true;
  head_.version = version;
  head_.method.assign(method.data(), method.size());
  if (target.size() > target_limit_) {
    head_.target_too_long = true;
    error = beast::http::error::bad_target;
    return;
  }
  head_.target.assign(target.data(), target.size());
}

void RequestParser::on_field_impl(field name, View name_text, View value, Error&) {
  switch (name) {
    case field::host: ++head_.hosts; return;
    case field::accept: append_list(head_.accept, value); return;
    case field::accept_encoding: append_list(head_.accept_encoding, value); return;
    case field::authorization:
      ++head_.authorizations;
      head_.authorization = view(value);
      return;
    case field::transfer_encoding:
      ++head_.encodings;
      head_.is_chunked = beast::iequals(value, "chunked");
      return;
    case field::content_type: head_.content_type = view(value); return;
    case field::if_none_match: append_list(head_.if_none_match, value); return;
    case field::content_encoding: append_list(head_.content_encoding, value); return;
    case field::expect:
      head_.expect = beast::iequals(value, "100-continue") ? RequestHead::Expect::go_on : RequestHead::Expect::unknown;
      return;
    case field::unknown:
      if (beast::iequals(name_text, "X-Prometheus-Scrape-Timeout-Seconds")) {
        head_.scrape_timeout = parse_scrape_timeout(view(value));
      } else if (beast::iequals(name_text, "X-Vitalsd-TTL")) {
        head_.time_to_live = view(value);
      }
      return;
    default: return;
  }
}

}  // namespace vitalsd::http
