// An HTTP/1.1 server on the loop: listeners, connections with limits, and a table of routes.
// A slow or hostile client costs a descriptor and a bounded buffer, and nothing else.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/http/guard.h"
#include "exporters/http/message.h"
#include "exporters/http/upload.h"

namespace vitalsd::http {

/// Runs on the loop and must not block it. If it throws, the request is answered with 500.
using Handler = std::function<boost::asio::awaitable<Response>(const Request&)>;

struct Route {
  std::string path;          ///< must match exactly, or with `prefix` be the beginning of the path
  std::string_view label;    ///< `handler` of vitalsd_http_request_duration_seconds; static
  std::string_view methods;  ///< as in Allow: "GET, HEAD" or "POST, PUT"; static
  Handler handle;
  bool prefix = false;     ///< routes that match exactly take precedence
  OpenUpload upload = {};  ///< takes the body and answers in place of `handle`. Null: bodies are read and dropped
  /// Decides on a request in place of the listener's guard. Null: the guard decides.
  std::function<boost::asio::awaitable<Entry>(std::string_view authorization, bool familiar)> judge = {};
};
using Routes = std::vector<Route>;

struct Limits {
  /// Of each listener. Beyond it the slowest waiting connection is closed for a new one; if none waits, the new one is
  /// answered with 503.
  std::size_t connections = 512;
  std::size_t handshakes = 64;            ///< TLS handshakes at once, of each listener; beyond it the slowest is closed
  std::size_t header_bytes = 16U << 10U;  ///< 431
  std::size_t target_bytes = 8U << 10U;   ///< 414
  std::size_t body_bytes = 64U << 10U;    ///< 413, unless the route takes the body itself
  std::chrono::milliseconds header{10'000};    ///< for a request's head to arrive; on a new connection, from its start
  std::chrono::milliseconds pressed{2'000};    ///< the same once half of the places are taken
  std::chrono::milliseconds fresh{200};        ///< a connection younger than this is closed after idle ones, not before
  std::chrono::milliseconds progress{10'000};  ///< for a request's head and body to arrive, for each part of a response
                                               ///< to be taken, and for each part of an upload to arrive
  std::chrono::milliseconds idle{120'000};     ///< between two requests of a connection
  std::chrono::milliseconds last_call{500};    ///< for a first request to arrive, once the listener is closed
};

/// Called for each finished request with its route's label ("other" when none matched), the status, and the time from
/// the request's last byte to the response's last byte.
using Observer = std::function<void(std::string_view label, unsigned status, std::chrono::nanoseconds took)>;

/// Thrown for an address that cannot be used; what() has the reason ("listen address :9955: Address already in use").
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws ListenError unless `address` is host:port, [v6]:port, :port or unix:/path. Opens nothing.
void check_address(std::string_view address);

/// One listener: its address, and what it serves.
struct Binding {
  std::string address;  ///< as configured; with `inherited_fd`, a name for logs
  std::shared_ptr<const Routes> routes;
  int inherited_fd = -1;  ///< a socket that listens already (socket activation); bind() takes ownership if it succeeds
  std::shared_ptr<const Guard> guard = {};  ///< null: plain HTTP for everyone
};

class Server {
 public:
  Server(boost::asio::io_context& loop, Limits limits, Observer observer);
  ~Server();

  /// Sets the limits. An open connection keeps its current deadline.
  void limit(const Limits& limits);
  /// Listens on exactly these addresses. A listener whose address stays keeps its socket and its connections: their
  /// next request sees the new routes and passwords, and with a new TLS context they end after it. Throws ListenError
  /// before anything has changed. Addresses are compared as text: ":80" after "0.0.0.0:80" is a new one, whose port is
  /// in use.
  void bind(std::vector<Binding> bindings);
  /// The addresses in use, with actual ports in place of 0: "127.0.0.1:40123", "[::]:9955", "unix:/run/x".
  std::vector<std::string> addresses() const;

  /// Closes the listeners and the idle connections. Requests in flight are answered with "Connection: close".
  void drain();
  /// The number of open connections.
  std::size_t connections() const;
  /// The number of connections that have ended since the start.
  std::size_t ended() const;
  /// Sets a callback that the loop runs once drain() was called and the last connection has ended.
  void on_drained(std::function<void()> callback);
  /// Closes all listeners and connections at once.
  void abort();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace vitalsd::http
