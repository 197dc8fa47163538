// One client connection: reads a request, calls its route, writes the response, and repeats until one side closes.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "core/fd.h"
#include "exporters/http/hub.h"
#include "exporters/http/request_head.h"
#include "exporters/http/wire.h"

namespace vitalsd::http {

/// The order in which connections are closed when there are too many.
enum class Yields : unsigned char {
  answered,  ///< its last response was sent; waits for the client to close
  stalled,   ///< the client sends the request's head, or takes the response, too slowly
  idle,      ///< between two requests
  fresh,     ///< was opened just now
  never,     ///< its response is being made: is not closed
};

class Connection {
 public:
  /// Starts a connection that only its coroutine owns. If `refused`, any request is answered with 503.
  static void start(std::shared_ptr<Hub> hub, std::shared_ptr<const Endpoint> endpoint, std::shared_ptr<Peer> peer,
                    Fd fd, int family, bool refused);
  Connection(std::shared_ptr<Hub> hub, std::shared_ptr<const Endpoint> endpoint, std::shared_ptr<Peer> peer, Fd fd,
             int family, bool refused);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const Endpoint& endpoint() const noexcept { return *endpoint_; }
  const Peer& peer() const noexcept { return *peer_; }
  /// Whether the listener still exists with the same TLS context, so that the connection may serve further requests.
  bool may_stay() const noexcept { return !endpoint_->retired && endpoint_->guard->tls.get() == wire_.tls(); }
  bool is_served() const noexcept { return !refused_ && state_ != State::closed; }  ///< counts towards the limit
  /// Whether it waits for a request of which no byte has arrived, not even in the kernel.
  bool is_idle() const;
  bool is_refused() const noexcept { return refused_ && state_ != State::closed; }
  bool is_shaking() const { return state_ != State::closed && wire_.is_shaking(); }
  Yields yields(SteadyTime now) const noexcept;
  /// Whether closing it now loses no request that has arrived. Only for one whose yields() is not Yields::never.
  bool may_yield(SteadyTime now) const;
  /// Since when it waits for a request, or for the client to take a part of the response.
  SteadyTime waiting_since() const noexcept { return waiting_since_; }
  SteadyTime deadline() const noexcept { return deadline_; }
  /// Called when the deadline has passed. Answers a partial request with 408; in any other state closes.
  void expire();
  /// Shortens the deadline of the request's head, as there are many connections.
  void hurry();
  /// Ends an idle connection whose endpoint has retired.
  void end_wait();
  /// Closes the socket at once, whatever the state; the coroutine then ends.
  void close();

  std::size_t slot = 0;  ///< its index in the hub

 private:
  enum class State : unsigned char { idle, receiving, handling, sending, lingering, closed };
  enum class Got : unsigned char { all, refusal, nothing };

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<bool> fill();
  boost::asio::awaitable<Got> receive_head();
  boost::asio::awaitable<Got> receive_body();
  // upload.cpp
  boost::asio::awaitable<Got> receive_upload();
  boost::asio::awaitable<Got> open_upload();
  boost::asio::awaitable<Got> hand_over(std::string part);
  boost::asio::awaitable<void> end_upload();

  boost::asio::awaitable<bool> pass_guard();
  boost::asio::awaitable<bool> handle();
  boost::asio::awaitable<bool> send(bool keep);
  boost::asio::awaitable<void> linger();

  void begin_wait();
  bool parse_head();
  bool check_head();
  bool find_route();
  bool check_body();
  Request request() const;
  bool say_continue();
  bool refuse(unsigned status, std::string_view why);
  void tell_tls_error() const;
  void set_deadline(std::chrono::milliseconds from_now);

  std::shared_ptr<Hub> hub_;
  std::shared_ptr<const Endpoint> endpoint_;
  std::shared_ptr<Peer> peer_;
  Wire wire_;
  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  RequestHead head_;
  std::shared_ptr<const Routes> routes_;  // the table that the current request was looked up in
  const Route* route_ = nullptr;
  std::unique_ptr<Upload> upload_;
  Response response_;
  std::string response_head_;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime waiting_since_;
  State state_ = State::idle;
  bool refused_;
  bool first_ = true;  // no request has arrived yet
  bool timed_out_ = false;
};

}  // namespace vitalsd::http
