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

/// Runs on the loop; must not block it. What it throws is answered with 500.
using Handler = std::function<boost::asio::awaitable<Response>(const Request&)>;

struct Route {
  std::string path;          ///< matched whole; with `prefix` it is how the path begins
  std::string_view label;    ///< `handler` of vitalsd_http_request_duration_seconds; static
  std::string_view methods;  ///< as in Allow: "GET, HEAD" or "POST, PUT"; static
  Handler handle;
  bool prefix = false;     ///< routes that match whole come before these
  OpenUpload upload = {};  ///< takes the body; it answers then, and not `handle`. Null: bodies are read and dropped
  /// Who may enter, in place of the listener's guard. Null: the guard says.
  std::function<boost::asio::awaitable<Entry>(std::string_view authorization, bool familiar)> judge = {};
};
using Routes = std::vector<Route>;

struct Limits {
  /// Of each listener. Beyond them the slowest that waits gives way to the new one, which is answered 503 when none
  /// does.
  std::size_t connections = 512;
  std::size_t handshakes = 64;               ///< of TLS at once, of each listener: beyond them the slowest gives way
  std::size_t header_bytes = 16U << 10U;     ///< 431
  std::size_t target_bytes = 8U << 10U;      ///< 414
  std::size_t body_bytes = 64U << 10U;       ///< 413, where the route does not take the body itself
  std::chrono::milliseconds header{10'000};  ///< for a request's head to arrive, of a new connection from the start on
  std::chrono::milliseconds pressed{2'000};  ///< the same when half of the places are taken
  std::chrono::milliseconds fresh{200};      ///< so long a new connection gives way after idle ones, not before them
  std::chrono::milliseconds progress{10'000};  ///< for one request's head and body to arrive, and for each part of an
                                               ///< answer to leave or of an upload to arrive
  std::chrono::milliseconds idle{120'000};     ///< between two requests of a connection
  std::chrono::milliseconds last_call{500};    ///< once a listener is closed, for what a new connection asks to arrive
};

/// Called after each finished request with: its route's label ("other" when none matched), status and time from its
/// last byte to the answer's.
using Observer = std::function<void(std::string_view label, unsigned status, std::chrono::nanoseconds took)>;

/// An address that cannot be used: names it and says why ("listen address :9955: Address already in use").
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws ListenError when `address` is none of host:port, [v6]:port, :port, unix:/path. Opens nothing.
void check_address(std::string_view address);

/// What one listener serves and where.
struct Binding {
  std::string address;  ///< as configured; with `inherited_fd` a name for logs
  std::shared_ptr<const Routes> routes;
  int inherited_fd = -1;  ///< an already listening socket (socket activation); the server's once bind() is done
  std::shared_ptr<const Guard> guard = {};  ///< null: plain HTTP for everyone
};

class Server {
 public:
  Server(boost::asio::io_context& loop, Limits limits, Observer observer);
  ~Server();

  /// From now on; a connection that is open keeps the deadline that it has.
  void limit(const Limits& limits);
  /// Listens on all of these and on nothing else. A listener whose address stays keeps its socket and its connections,
  /// which get the new routes and passwords with their next request; another TLS context ends them after it. Throws
  /// ListenError before anything has changed. Addresses are compared as they are written: ":80" after "0.0.0.0:80" is
  /// another one, and finds its port busy.
  void bind(std::vector<Binding> bindings);
  /// The real addresses, port 0 replaced: "127.0.0.1:40123", "[::]:9955", "unix:/run/x".
  std::vector<std::string> addresses() const;

  /// Closes the listeners and the idle connections; requests in flight are finished and answered with Connection:
  /// close.
  void drain();
  /// Connections still open.
  std::size_t connections() const;
  /// Connections that have come to their end since the start.
  std::size_t ended() const;
  /// Called on the loop once drain() was called and the last connection has gone.
  void on_drained(std::function<void()> callback);
  /// Closes all that is left, at once.
  void abort();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace vitalsd::http
