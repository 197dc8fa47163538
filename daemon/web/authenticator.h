// Judges requests by user and password, slowly the first time and at once from then on.
//   Authenticator door(loop, pool, clock, security, verdicts); co_await door.judge("Basic YWxpY2U6eA==", familiar)
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "daemon/config/web_security.h"
#include "daemon/run/pool.h"
#include "daemon/web/verdicts.h"
#include "exporters/http/basic_auth.h"
#include "exporters/http/guard.h"

namespace vitalsd {

/// Lives on the loop; hashes are compared on the pool. There is a queue for known users from addresses that were let in
/// before, one for known users from elsewhere and one for all others. Each has one comparison at a time and a pause
/// after a wrong password: whoever guesses gets an eighth of one core in each queue, and fills none but his own.
class Authenticator {
 public:
  Authenticator(boost::asio::io_context& loop, Pool& pool, const Clock& clock,
                std::shared_ptr<const WebSecurity> security, std::shared_ptr<Verdicts> verdicts);

  /// Also keeps the limit of rate, before anything else. An unknown user takes as long as a known one.
  boost::asio::awaitable<http::Entry> judge(std::string_view authorization, bool familiar);

 private:
  static constexpr std::size_t kMostWaiting = 32;  ///< for their turn in a queue; beyond them 503
  struct Queue {
    std::deque<std::shared_ptr<boost::asio::steady_timer>> waiting;
    bool comparing = false;
  };

  bool is_within_rate();
  /// Empty: there is no such user.
  std::string_view hash_of(const std::string& user) const;
  boost::asio::awaitable<http::Entry> compare(http::Credentials shown, Queue& queue);

  boost::asio::io_context& loop_;
  Pool& pool_;
  const Clock& clock_;
  std::shared_ptr<const WebSecurity> security_;
  std::shared_ptr<Verdicts> verdicts_;
  std::string costliest_;  ///< the hash that unknown users are compared with
  std::array<Queue, 3> queues_;
  double tokens_ = 0;  ///< of the limit of rate
  std::chrono::steady_clock::time_point refilled_;
};

}  // namespace vitalsd
