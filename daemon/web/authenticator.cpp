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
constexpr int kPause = 7;  // times as long as the comparison took

}  // namespace

Authenticator::Authenticator(asio::io_context& loop, Pool& pool, const Clock& clock,
                             std::shared_ptr<const WebSecurity> security, std::shared_ptr<Verdicts> verdicts)
    : loop_(loop),
      pool_(pool),
      clock_(clock),
      security_(std::move(security)),
      verdicts_(std::move(verdicts)),
      refilled_(clock.steady()) {
  tokens_ = security_->rate_burst;
  for (const auto& [name, hash] : security_->users) {
    if (costliest_.empty() || bcrypt::cost_of(hash) > bcrypt::cost_of(costliest_)) costliest_ = hash;
  }
}

asio::awaitable<Entry> Authenticator::judge(std::string_view authorization, bool familiar) {
  if (!is_within_rate()) co_return Entry::too_fast;
  if (security_->users.empty()) co_return Entry::granted;
  auto shown = http::basic_credentials(authorization);
  if (!shown) co_return Entry::denied;
  const std::string_view hash = hash_of(shown->user);
  const Entry known = verdicts_->of(*shown, hash);
  if (known != Entry::busy) co_return known;
  Queue& queue = queues_[hash.empty() ? 2 : familiar ? 0 : 1];
  if (queue.waiting.size() >= kMostWaiting) co_return Entry::busy;
  auto comparison = compare(*std::move(shown), queue);
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

std::string_view Authenticator::hash_of(const std::string& user) const {
  const auto found = security_->users.find(user);
  return found == security_->users.end() ? std::string_view() : std::string_view(found->second);
}

asio::awaitable<Entry> Authenticator::compare(Credentials shown, Queue& queue) {
  if (queue.comparing) {
    const auto turn = std::make_shared<asio::steady_timer>(loop_, SteadyTime::max());
    queue.waiting.push_back(turn);
    co_await turn->async_wait(kQuietly);
  }
  queue.comparing = true;
  const std::string_view hash = hash_of(shown.user);
  // The one before may have shown the same.
  Entry entry = verdicts_->of(shown, hash);
  asio::steady_timer pause(loop_);
  if (entry == Entry::busy) {
    struct Comparison {
      std::string password, hash;
      bool same = false;
    };
    const bool known = !hash.empty();
    const auto comparison =
        std::make_shared<Comparison>(Comparison{shown.password, known ? std::string(hash) : costliest_, false});
    const std::function<void()> work = [comparison] {
      comparison->same = bcrypt::matches(comparison->password, comparison->hash);
    };
    const SteadyTime begun = clock_.steady();
    co_await on_pool(loop_, pool_, SteadyTime::max(), work);
    const bool granted = known && comparison->same;
    verdicts_->remember(shown, hash, granted);
    entry = granted ? Entry::granted : Entry::denied;
    pause.expires_at(granted ? begun : clock_.steady() + kPause * (clock_.steady() - begun));
  }
  if (entry == Entry::denied) co_await pause.async_wait(kQuietly);
  queue.comparing = false;
  if (!queue.waiting.empty()) {
    queue.comparing = true;
    queue.waiting.front()->cancel();
    queue.waiting.pop_front();
  }
  co_return entry;
}

}  // namespace vitalsd
