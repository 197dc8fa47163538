// The daemon as a service: what it reports to the service manager.
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/app.h"
#include "daemon/web/target_states.h"

namespace vitalsd {
namespace asio = boost::asio;
using namespace std::chrono_literals;
namespace {

constexpr std::chrono::nanoseconds kStatusInterval = 5s;

}  // namespace

std::chrono::nanoseconds App::longest_timeout() const {
  std::chrono::nanoseconds longest{0};
  for (const auto& [name, collector] : config_.collectors) {
    if (collector.enabled) longest = std::max(longest, collector.timeout);
  }
  return longest;
}

// "15 collectors (failing: cpu), 2 of 3 targets up, 120 scrapes; last reload refused: vitalsd.yml:1:24: ..."
std::string App::service_status() {
  std::string text = std::to_string(scheduler_.jobs().size()) + " collectors";
  std::string failing;
  for (const auto& [name, job] : scheduler_.jobs()) {
    if (job->facts.ran && !job->facts.success) failing += (failing.empty() ? "" : " ") + name;
  }
  if (!failing.empty()) text += " (failing: " + failing + ")";
  const auto targets = target_states(config_, store_);
  const auto up = std::ranges::count(targets, true, &TargetState::up);
  text += ", " + std::to_string(up) + " of " + std::to_string(targets.size()) + " targets up, ";
  text += std::to_string(scrape_.served()) + " scrapes";
  if (!reload_faults_.empty()) text += "; last reload refused: " + reload_faults_;
  return text;
}

// Of the loop itself: when it is stuck the manager hears nothing more and ends the daemon; a stuck collector is no
// reason to.
asio::awaitable<void> App::inform_manager() {
  asio::steady_timer timer(loop_);
  SteadyTime status_due = clock_.steady() + kStatusInterval;
  const auto pause = std::min(notify_.watchdog_interval().value_or(kStatusInterval), kStatusInterval);
  for (;;) {
    notify_.watchdog();
    timer.expires_after(pause);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (phase_ != Phase::running || clock_.steady() < status_due) continue;
    status_due = clock_.steady() + kStatusInterval;
    notify_.status(service_status());
  }
}

}  // namespace vitalsd
