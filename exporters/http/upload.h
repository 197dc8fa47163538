// The interface by which a route takes a request's body in parts as they arrive, without holding all of it in memory.
//   Route{.path = "/in/", .methods = "PUT", .prefix = true, .upload = [](const Request& r) { return open(r); }}
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "exporters/http/message.h"

namespace vitalsd::http {

/// Takes the body of one request. The connection does not read while a call is under way, so a slow disk slows the
/// client down. Used on the loop and must not block it.
class Upload {
 public:
  virtual ~Upload() = default;
  /// Takes the next bytes of the body. Returns a response to refuse the rest.
  virtual boost::asio::awaitable<std::optional<Response>> take(std::string part) = 0;
  /// Called once the body is complete; returns the response.
  virtual boost::asio::awaitable<Response> finish() = 0;
  /// Called last instead of finish() if the body was refused or will not arrive: drops what take() has kept.
  virtual boost::asio::awaitable<void> give_up() = 0;
};

/// An upload that has begun, or the response that refuses it before any byte of the body is read.
struct Opened {
  std::unique_ptr<Upload> upload;
  Response refusal;
};

/// Begins an upload. Views in the request are valid until the returned coroutine has ended.
using OpenUpload = std::function<boost::asio::awaitable<Opened>(const Request&)>;

}  // namespace vitalsd::http
