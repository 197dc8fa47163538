// One client: reads a request, asks its route, writes the answer, and again, until one of the two has enough.
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

/// Which connection is closed first where there are too many.
enum class Yields : unsigned char {
  answered,  ///< only its end is waited for
  stalled,   ///< sends its head, or takes its answer, too slowly
  idle,      ///< between two requests
  fresh,     ///< has only just come
  never,     ///< its answer is being made
};

class Connection {
 public:
  /// Owned by its coroutine alone. A refused one is answered 503, whatever it asks.
  static void start(std::shared_ptr<Hub> hub, std::shared_ptr<const Endpoint> endpoint, std::shared_ptr<Peer> peer,
                    Fd fd, int family, bool refused);
  Connection(std::shared_ptr<Hub> hub, std::shared_ptr<const Endpoint> endpoint, std::shared_ptr<Peer> peer, Fd fd,
             int family, bool refused);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const Endpoint& endpoint() const noexcept { return *endpoint_; }
  const Peer& peer() const noexcept { return *peer_; }
  /// Its listener is there, and would treat a new connection as this one was.
  bool may_stay() const noexcept { return !endpoint_->retired && endpoint_->guard->tls.get() == wire_.tls(); }
  bool is_served() const noexcept { return !refused_ && state_ != State::closed; }  ///< counts for the limit
  /// Waits for a request of which no byte has come yet, not even into the kernel.
  bool is_idle() const;
  bool is_refused() const noexcept { return refused_ && state_ != State::closed; }
  bool is_shaking() const { return state_ != State::closed && wire_.is_shaking(); }
  Yields yields(SteadyTime now) const noexcept;
  /// Of one that yields at all: no request is on its way that it would lose.
  bool may_yield(SteadyTime now) const;
  /// For a request, or for the client to take a part of its answer.
  SteadyTime waiting_since() const noexcept { return waiting_since_; }
  SteadyTime deadline() const noexcept { return deadline_; }
  /// Its deadline has passed: a request that came in part is answered 408, anything else just ends.
  void expire();
  /// There are many: the head must come sooner.
  void hurry();
  /// The endpoint of an idle one has retired.
  void end_wait();
  /// At once, whatever goes on; the coroutine finds its socket closed and ends.
  void close();

  std::size_t slot = 0;  ///< the hub's

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
  void refuse(unsigned status, std::string_view why);
  void tell_tls_error() const;
  void set_deadline(std::chrono::milliseconds from_now);

  std::shared_ptr<Hub> hub_;
  std::shared_ptr<const Endpoint> endpoint_;
  std::shared_ptr<Peer> peer_;
  Wire wire_;
  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  RequestHead head_;
  std::shared_ptr<const Routes> routes_;  // those that the request in hand was looked up in
  const Route* route_ = nullptr;
  std::unique_ptr<Upload> upload_;
  Response response_;
  std::string response_head_;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime waiting_since_;
  State state_ = State::idle;
  bool refused_;
  bool first_ = true;  // no request has come yet
  bool timed_out_ = false;
};

}  // namespace vitalsd::http
