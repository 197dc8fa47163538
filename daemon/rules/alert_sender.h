// Sends firing and resolved alerts to Alertmanagers (API v2), again and again while they last.
//   sender.configure(config); sender.take(groups, now_ms);  // after each evaluation
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/retry.h"
#include "daemon/config/config.h"
#include "daemon/rules/rule_block.h"
#include "daemon/rules/rule_groups.h"
#include "daemon/run/pool.h"
#include "daemon/service/log.h"

namespace vitalsd {

/// What is sent of one alert.
struct AlertNotice {
  Alert::Texts annotations;
  std::int64_t starts_at_ms = 0, ends_at_ms = 0;
  bool operator==(const AlertNotice&) const = default;
};
using AlertNotices = std::map<rules::LabelSet, AlertNotice>;

/// The body of a request, of at most the first `most` notices. `generator_url` may be empty.
std::string notices_json(const AlertNotices& notices, std::size_t most, std::string_view generator_url);

/// Lives on the loop; requests are made on the pool. What an Alertmanager does not take is kept for it, the newest of
/// each alert, and tried again after growing pauses.
class AlertSender {
 public:
  static constexpr std::size_t kBatch = 64;            ///< alerts of one request
  static constexpr std::size_t kMostWaiting = 10'000;  ///< for one Alertmanager; beyond it the rest is dropped

  AlertSender(boost::asio::io_context& loop, Pool& pool, const Clock& clock, Log& log)
      : loop_(loop), pool_(pool), clock_(clock), log_(log) {}

  /// Alertmanagers that stay keep what waits for them.
  void configure(const Config& config);
  /// Takes the alerts that are due: new, resolved, or sent longer ago than alertmanager.resend.
  void take(RuleGroups& groups, std::int64_t now_ms);
  std::vector<NoticeCounts> counts() const;

 private:
  struct Manager {
    std::string url;
    AlertNotices waiting = {};
    NoticeCounts counts = {};
    Retry retry = {};
    bool sending = false;
    bool gone = false;  ///< no longer configured
  };
  using ManagerPtr = std::shared_ptr<Manager>;

  boost::asio::awaitable<void> send(ManagerPtr manager);
  void done(Manager& manager, const AlertNotices& sent, const std::string& error, bool refused);

  boost::asio::io_context& loop_;
  Pool& pool_;
  const Clock& clock_;
  Log& log_;
  Config::Alertmanager config_;
  std::vector<std::pair<std::string, std::string>> external_;
  std::vector<ManagerPtr> managers_;
};

}  // namespace vitalsd
