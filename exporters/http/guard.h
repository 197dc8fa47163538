// The checks in front of a listener's routes: TLS, a rate limit, passwords; and fields that every response carries.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "exporters/tls/context.h"

namespace vitalsd::http {

enum class Entry : unsigned char {
  granted,
  denied,    ///< 401
  too_fast,  ///< 429
  busy,      ///< 503: too many requests are being checked, this one would wait too long
};

struct Guard {
  std::shared_ptr<const tls::Context> tls;  ///< null: plain HTTP
  /// Decides on a request by its Authorization field, before the route is looked up. Runs on the loop and must not
  /// block. `familiar`: a request from the same address was granted before. Null: all requests are granted.
  std::function<boost::asio::awaitable<Entry>(std::string_view authorization, bool familiar)> judge;
  std::string fields;  ///< "Name: value\r\n" each
  /// Called with the reason when a TLS connection fails. May be null.
  std::function<void(const std::string& reason)> tls_failed;
  /// Called with errno when the system refuses connections, for lack of descriptors or memory. May be null.
  std::function<void(int sys)> accept_failed;
};

}  // namespace vitalsd::http
