// What the connections of a server share: limits, deadlines under one timer, and who must go when there are too many.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "core/fd.h"
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
  void observe(std::string_view label, unsigned status, std::chrono::nanoseconds took) const {
    if (observer_) observer_(label, status, took);
  }

  /// Takes an accepted socket: serves it, after closing the longest idle one if there are too many, or refuses it.
  void admit(Fd fd, int family, std::shared_ptr<const Endpoint> endpoint);
  /// Closes the connection that has waited longest for a request. False when none waits.
  bool evict_idle();
  /// Ends those of its connections that it serves no longer and that wait for a request: at once, or in a moment where
  /// the first one may be on its way.
  void close_idle(const Endpoint& endpoint);
  void close_all();

  /// Makes sure that expired() connections are looked at by then.
  void watch(SteadyTime deadline);

  void enter(Connection& connection);
  void leave(Connection& connection) noexcept;
  std::size_t connections() const noexcept { return connections_.size(); }

  void drain();
  void on_drained(std::function<void()> callback);
  /// The server is gone: nobody is told anything any more.
  void orphan() noexcept;

 private:
  void sweep();
  void tell_drained();
  std::size_t served() const;

  boost::asio::io_context& loop_;
  Limits limits_;
  Observer observer_;
  boost::asio::steady_timer timer_;
  SteadyTime armed_ = SteadyTime::max();
  std::vector<Connection*> connections_;
  bool draining_ = false;
  std::function<void()> drained_;
};

}  // namespace vitalsd::http
