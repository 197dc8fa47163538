// Judges requests by user and password, slowly the first time and at once from then on.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "daemon/config/web_security.h"
#include "daemon/run/pool.h"
#include "exporters/http/basic_auth.h"
#include "exporters/http/guard.h"

namespace vitalsd {

/// Lives on the loop; hashes are compared on the pool, one at a time, and after a wrong password there is a pause:
/// whoever guesses gets a quarter of one core, and the scrapes that have been let in before do not wait for him.
class Authenticator {
 public:
  Authenticator(boost::asio::io_context& loop, Pool& pool, const Clock& clock,
                std::shared_ptr<const WebSecurity> security);

  /// Also keeps the limit of rate, before anything else. An unknown user takes as long as a known one.
  boost::asio::awaitable<http::Entry> judge(std::string_view authorization);

 private:
  static constexpr std::size_t kMostWaiting = 32;  ///< for their turn; beyond them 503
  static constexpr std::size_t kFailures = 64;     ///< remembered, so that a wrong password in a scraper costs once
  static constexpr std::size_t kMostBytes = 1024;  ///< of user and password that are remembered

  bool is_within_rate();
  /// What is known without comparing a hash: busy is not known.
  http::Entry remembered(const http::Credentials& shown) const;
  void remember(const http::Credentials& shown, bool granted);
  boost::asio::awaitable<http::Entry> compare(http::Credentials shown);

  boost::asio::io_context& loop_;
  Pool& pool_;
  const Clock& clock_;
  std::shared_ptr<const WebSecurity> security_;
  std::string costliest_;                                    ///< the hash that unknown users are compared with
  std::map<std::string, std::string, std::less<>> granted_;  ///< the password of each user that has shown it
  std::deque<http::Credentials> denied_;
  std::deque<std::shared_ptr<boost::asio::steady_timer>> waiting_;
  bool comparing_ = false;
  double tokens_ = 0;  ///< of the limit of rate
  std::chrono::steady_clock::time_point refilled_;
};

}  // namespace vitalsd
