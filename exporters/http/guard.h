// What stands before the routes of a listener: TLS, a limit of rate, passwords, and fields that every answer carries.
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
  busy,      ///< 503: so many are being judged that this one would wait too long
};

struct Guard {
  std::shared_ptr<const tls::Context> tls;  ///< null: plain HTTP
  /// Judges a request before its route is looked up, by its Authorization field; runs on the loop, must not block it.
  /// `familiar`: its address was let in before. Null: all are let in.
  std::function<boost::asio::awaitable<Entry>(std::string_view authorization, bool familiar)> judge;
  std::string fields;  ///< "Name: value\r\n" each
  /// Called with the reason when a TLS connection fails. Null: the reason is dropped.
  std::function<void(const std::string& reason)> tls_failed;
};

}  // namespace vitalsd::http
