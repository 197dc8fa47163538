// The state that a server's connections share: limits, one timer for all deadlines, and the choice of which connection
// is closed when there are too many.
//   hub->admit(std::move(fd), AF_INET, from, endpoint): serves it if the listener has a place or can make one
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "core/fd.h"
#include "exporters/http/peers.h"
#include "exporters/http/server.h"

namespace vitalsd::http {

class Connection;
using SteadyTime = std::chrono::steady_clock::time_point;

/// One listener as its connections see it.
struct Endpoint {
  std::shared_ptr<const Routes> routes;
  std::shared_ptr<const Guard> guard;  ///< never null
  bool retired = false;                ///< requests in flight are finished, then the connections are closed
};

/// Lives as long as the server or any of its connections. To be used on the loop only.
class Hub : public std::enable_shared_from_this<Hub> {
 public:
  Hub(boost::asio::io_context& loop, Limits limits, Observer observer);

  boost::asio::io_context& loop() noexcept { return loop_; }
  const Limits& limits() const noexcept { return limits_; }
  void limit(const Limits& limits) noexcept { limits_ = limits; }
  void observe(std::string_view label, unsigned status, std::chrono::nanoseconds took) const {
    if (observer_) observer_(label, status, took);
  }

  /// Takes an accepted socket and serves it. If its listener has too many connections, closes another one for it or
  /// refuses it. A quarter of the places is reserved for addresses that were served before.
  void admit(Fd fd, int family, const sockaddr_storage& from, std::shared_ptr<const Endpoint> endpoint);
  /// Closes one waiting connection of any listener. False when there is none.
  bool evict();
  /// Whether one more TLS handshake may begin. May close a connection whose handshake is under way to make room.
  bool admit_handshake(const Endpoint& endpoint);
  /// How long a request's head may take to arrive at the current load.
  std::chrono::milliseconds head_patience(const Endpoint& endpoint) const;
  /// Ends the endpoint's idle connections that may not stay: at once, or after Limits::last_call if the first request
  /// has not arrived yet.
  void close_idle(const Endpoint& endpoint);
  void close_all();

  /// Makes sure that connections are checked for passed deadlines at `deadline`.
  void watch(SteadyTime deadline);

  void enter(Connection& connection);
  void leave(Connection& connection) noexcept;
  std::size_t connections() const noexcept { return connections_.size(); }
  std::size_t ended() const noexcept { return ended_; }

  void drain();
  void on_drained(std::function<void()> callback);
  /// The server is gone: drops its callbacks.
  void orphan() noexcept;

 private:
  void sweep();
  void tell_drained();
  bool make_room(const Endpoint& endpoint, const Peer& newcomer);
  bool is_pressed(const Endpoint& endpoint) const;
  template <class Which>
  std::size_t count(Which which) const;
  template <class Which>
  bool evict(Which which);

  boost::asio::io_context& loop_;
  Limits limits_;
  Observer observer_;
  boost::asio::steady_timer timer_;
  SteadyTime armed_ = SteadyTime::max();
  std::vector<Connection*> connections_;
  Peers peers_;
  std::size_t ended_ = 0;
  bool draining_ = false;
  std::function<void()> drained_;
};

}  // namespace vitalsd::http
