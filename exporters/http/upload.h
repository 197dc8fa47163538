// How a route takes the body of a request: part by part as it comes, never the whole of it in memory.
//   Route{.path = "/in/", .methods = "PUT", .prefix = true, .upload = [](const Request& r) { return open(r); }}
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "exporters/http/message.h"

namespace vitalsd::http {

/// The body of one request. Its connection reads nothing while a call is under way, so a slow disk slows the client
/// down. Used on the loop; nothing here may block it.
class Upload {
 public:
  virtual ~Upload() = default;
  /// The next bytes of the body. A response refuses the rest of it.
  virtual boost::asio::awaitable<std::optional<Response>> take(std::string part) = 0;
  /// The body is whole.
  virtual boost::asio::awaitable<Response> finish() = 0;
  /// It was refused or will not come: what take() has kept is given up. The last call, where finish() was none.
  virtual boost::asio::awaitable<void> give_up() = 0;
};

/// An upload that has begun, or the answer that refuses it before any byte of the body is read.
struct Opened {
  std::unique_ptr<Upload> upload;
  Response refusal;
};

/// Views in the request are valid until the returned coroutine has ended.
using OpenUpload = std::function<boost::asio::awaitable<Opened>(const Request&)>;

}  // namespace vitalsd::http
