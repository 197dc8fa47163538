#include "daemon/web/authenticator.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "daemon/config/bcrypt.h"
#include "daemon/run/on_pool.h"

namespace vitalsd {
namespace asio = boost::asio;
using http::Credentials, http::Entry;
using SteadyTime = std::chrono::steady_clock::time_point;
namespace {

constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);
constexpr int kPause = 3;  // times as long as the comparison took

}  // namespace

Authenticator::Authenticator(asio::io_context& loop, Pool& pool, const Clock& clock,
                             std::shared_ptr<const WebSecurity> security)
    : loop_(loop), pool_(pool), clock_(clock), security_(std::move(security)), refilled_(clock.steady()) {
  tokens_ = security_->rate_burst;
  for (const auto& [name, hash] : security_->users) {
    if (costliest_.empty() || bcrypt::cost_of(hash) > bcrypt::cost_of(costliest_)) costliest_ = hash;
  }
}

asio::awaitable<Entry> Authenticator::judge(std::string_view authorization) {
  if (!is_within_rate()) co_return Entry::too_fast;
  if (security_->users.empty()) co_return Entry::granted;
  auto shown = http::basic_credentials(authorization);
  if (!shown) co_return Entry::denied;
  const Entry known = remembered(*shown);
  if (known != Entry::busy) co_return known;
  if (waiting_.size() >= kMostWaiting) co_return Entry::busy;
  auto comparison = compare(*std::move(shown));
  co_return co_await std::move(comparison);
}

// A bucket of `burst` tokens that gets one each interval.
bool Authenticator::is_within_rate() {
  const auto interval = security_->rate_interval;
  if (interval.count() == 0) return true;
  const SteadyTime now = clock_.steady();
  const double gained = static_cast<double>((now - refilled_).count()) / static_cast<double>(interval.count());
  tokens_ = std::min<double>(tokens_ + gained, security_->rate_burst);
  refilled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

Entry Authenticator::remembered(const Credentials& shown) const {
  const auto known = granted_.find(shown.user);
  if (known != granted_.end() && bcrypt::are_equal(known->second, shown.password)) return Entry::granted;
  const auto same = [&](const Credentials& one) { return one.user == shown.user && one.password == shown.password; };
  return std::ranges::any_of(denied_, same) ? Entry::denied : Entry::busy;
}

void Authenticator::remember(const Credentials& shown, bool granted) {
  if (shown.user.size() + shown.password.size() > kMostBytes) return;
  if (granted) {
    granted_.insert_or_assign(shown.user, shown.password);
    return;
  }
  if (denied_.size() == kFailures) denied_.pop_front();
  denied_.push_back(shown);
}

asio::awaitable<Entry> Authenticator::compare(Credentials shown) {
  if (comparing_) {
    const auto turn = std::make_shared<asio::steady_timer>(loop_, SteadyTime::max());
    waiting_.push_back(turn);
    co_await turn->async_wait(kQuietly);
  }
  comparing_ = true;
  // The one before may have shown the same.
  Entry entry = remembered(shown);
  asio::steady_timer pause(loop_);
  if (entry == Entry::busy) {
    struct Comparison {
      std::string password, hash;
      bool same = false;
    };
    const auto user = security_->users.find(shown.user);
    const bool known = user != security_->users.end();
    const auto comparison =
        std::make_shared<Comparison>(Comparison{shown.password, known ? user->second : costliest_, false});
    const std::function<void()> work = [comparison] {
      comparison->same = bcrypt::matches(comparison->password, comparison->hash);
    };
    const SteadyTime begun = clock_.steady();
    co_await on_pool(loop_, pool_, SteadyTime::max(), work);
    const bool granted = known && comparison->same;
    remember(shown, granted);
    entry = granted ? Entry::granted : Entry::denied;
    pause.expires_at(granted ? begun : clock_.steady() + kPause * (clock_.steady() - begun));
  }
  if (entry == Entry::denied) co_await pause.async_wait(kQuietly);
  comparing_ = false;
  if (!waiting_.empty()) {
    comparing_ = true;
    waiting_.front()->cancel();
    waiting_.pop_front();
  }
  co_return entry;
}

}  // namespace vitalsd
