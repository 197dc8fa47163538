// What the connections of a server share: limits, deadlines under one timer, and who must go when there are too many.
//   hub->admit(std::move(fd), AF_INET, from, endpoint): takes a place of that listener, free or of who gives way
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
  bool retired = false;                ///< finish what is in flight, then close
};

/// Lives as long as the server or any of its connections. Used on the loop alone.
class Hub : public std::enable_shared_from_this<Hub> {
 public:
  Hub(boost::asio::io_context& loop, Limits limits, Observer observer);

  boost::asio::io_context& loop() noexcept { return loop_; }
  const Limits& limits() const noexcept { return limits_; }
  void limit(const Limits& limits) noexcept { limits_ = limits; }
  void observe(std::string_view label, unsigned status, std::chrono::nanoseconds took) const {
    if (observer_) observer_(label, status, took);
  }

  /// Takes an accepted socket: serves it, in the place of another if there are too many of the listener's, or refuses.
  /// A quarter of the places is held for addresses that were served before.
  void admit(Fd fd, int family, const sockaddr_storage& from, std::shared_ptr<const Endpoint> endpoint);
  /// Closes a connection that waits, of whichever listener. False when there is none.
  bool evict();
  /// Whether one more TLS handshake may begin; another one that is under way may have to end for it.
  bool admit_handshake(const Endpoint& endpoint);
  /// How long a head may take now.
  std::chrono::milliseconds head_patience(const Endpoint& endpoint) const;
  /// Ends those of its connections that it serves no longer and that wait for a request: at once, or in a moment where
  /// the first one may be on its way.
  void close_idle(const Endpoint& endpoint);
  void close_all();

  /// Makes sure that expired() connections are looked at by then.
  void watch(SteadyTime deadline);

  void enter(Connection& connection);
  void leave(Connection& connection) noexcept;
  std::size_t connections() const noexcept { return connections_.size(); }
  std::size_t ended() const noexcept { return ended_; }

  void drain();
  void on_drained(std::function<void()> callback);
  /// The server is gone: no observer is called any more.
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
