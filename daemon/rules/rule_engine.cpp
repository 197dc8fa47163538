#include "daemon/rules/rule_engine.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>
#include <utility>

#include "core/state_file.h"
#include "daemon/rules/rule_memory.h"
#include "daemon/run/on_pool.h"

namespace vitalsd {
namespace asio = boost::asio;
using namespace std::chrono_literals;
namespace {

constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);
constexpr std::string_view kFile = "rules";
constexpr unsigned kVersion = 1;
constexpr auto kBetweenSaves = 5s;
constexpr auto kPatience = 10s;  // with the disk

std::string limit_text(std::size_t found, std::size_t limit) {
  return "has " + std::to_string(found) + " results, more than the limit of " + std::to_string(limit);
}

}  // namespace

RuleEngine::RuleEngine(asio::io_context& loop, Pool& pool, Store& store, History& history, const Clock& clock, Log& log,
                       std::function<void()> refresh)
    : loop_(loop),
      pool_(pool),
      store_(store),
      history_(history),
      clock_(clock),
      log_(log),
      refresh_(std::move(refresh)),
      timer_(loop),
      samples_(store, history),
      sender_(loop, pool, clock, log) {}

void RuleEngine::configure(const Config& config, std::shared_ptr<const rules::RuleBook> book) {
  ++generation_;
  began_ = clock_.steady();
  state_directory_ = config.paths.state;
  std::vector<std::string> external;
  for (const auto& [name, value] : config.external_labels) external.push_back(name);
  block_.configure(std::move(external));
  samples_.configure(config.rules.labels, began_);
  sender_.configure(config);
  groups_.configure(std::move(book), began_);
  groups_.each_rule([this](const GroupState&, RuleState& rule) {
    if (!rule.rule->is_alert) samples_.record(rule.rule->name, &rule.recorded);
  });
  if (groups_.empty()) {
    store_.withdraw(kRulesBlock);
    history_.forget(kRulesBlock);
  }
  timer_.cancel();
}

void RuleEngine::begin() {
  if (std::exchange(running_, true)) return;
  asio::co_spawn(loop_, run(), asio::detached);
}

asio::awaitable<void> RuleEngine::run() {
  co_await restore();
  while (!stopping_) {
    const auto group = groups_.next();
    timer_.expires_at(group ? group->due : SteadyTime::max());
    if (!group || group->due > clock_.steady()) {
      co_await timer_.async_wait(kQuietly);
      continue;
    }
    co_await evaluate_in_turns(group);
    if (dirty_ && !stopping_ && clock_.steady() - saved_ > kBetweenSaves) co_await save(clock_.steady() + kPatience);
  }
}

asio::awaitable<void> RuleEngine::restore() {
  if (state_directory_.empty() || groups_.empty()) co_return;
  struct Loading {
    std::string directory, buffer, body;
    Error error{Errc::timed_out};
  };
  const auto loading = std::make_shared<Loading>(Loading{state_directory_, {}, {}});
  const std::function<void()> load = [loading] {
    const auto body = StateFile(loading->directory, kFile, kVersion).load(loading->buffer);
    if (body) loading->body = *body;
    if (!body) loading->error = body.error();
  };
  const bool done = co_await on_pool(loop_, pool_, clock_.steady() + kPatience, load);
  if (done && !loading->body.empty()) {
    samples_.at(clock_);
    if (!restore_alerts(loading->body, groups_, samples_.now_ms())) log_.warn("the saved alerts make no sense");
  } else if (loading->error.code != Errc::unavailable) {
    log_.warn("cannot read the saved alerts", {{"error", describe(loading->error)}});
  }
}

asio::awaitable<void> RuleEngine::evaluate_in_turns(std::shared_ptr<GroupState> group) {
  const std::uint64_t generation = generation_;
  const SteadyTime began = clock_.steady();
  // A group that comes late leaves out what it missed.
  while (group->due <= began) group->due += std::max<std::chrono::nanoseconds>(group->group->interval, 1s);
  prepare();
  for (RuleState& rule : group->rules) {
    evaluate(*group, rule);
    co_await asio::post(loop_, asio::use_awaitable);
    if (generation != generation_ || stopping_) co_return;
  }
  finish(*group, began);
}

void RuleEngine::evaluate(GroupState& group) {
  const SteadyTime began = clock_.steady();
  prepare();
  for (RuleState& rule : group.rules) evaluate(group, rule);
  finish(group, began);
}

void RuleEngine::prepare() {
  if (refresh_) refresh_();
  samples_.at(clock_);
}

void RuleEngine::evaluate(const GroupState& group, RuleState& state) {
  const SteadyTime began = clock_.steady();
  const rules::Rule& rule = *state.rule;
  const std::size_t limit = group.group->limit > 0 ? group.group->limit : rules::RuleBook::kMostResults;
  auto result = rules::evaluate(*rule.expression, samples_, samples_.now_ms());
  if (result && result->size() > limit) result = std::unexpected(limit_text(result->size(), limit));
  state.error.clear();
  if (!result) {
    state.error = std::move(result.error());
  } else if (rule.is_alert) {
    const auto reach = std::chrono::duration_cast<std::chrono::milliseconds>(began_ - began) + rule.range();
    const auto updated =
        state.alerts.update(rule, *std::move(result), samples_.now_ms(), samples_.now_ms() + reach.count());
    if (!updated) state.error = updated.error();
    if (state.alerts.take_change()) dirty_ = true;
  } else {
    record(state, *std::move(result));
  }
  if (!state.error.empty()) {
    if (!rule.is_alert) state.recorded.clear();
    log_.warn_limited("rule/" + state.key, "a rule cannot be evaluated", {{"rule", rule.name}, {"error", state.error}});
  }
  state.evaluated = true;
  state.seconds = seconds(clock_.steady() - began);
  state.at_ms = samples_.now_ms();
}

void RuleEngine::record(RuleState& state, rules::InstantVector result) {
  std::set<rules::LabelSet> seen;
  for (rules::InstantSample& sample : result) {
    sample.labels.set(rules::kNameLabel, state.rule->name);
    for (const auto& [name, text] : state.rule->labels) sample.labels.set(name, text.source());
    if (seen.insert(sample.labels).second) continue;
    state.error = "several results have the labels " + sample.labels.text();
    return;
  }
  state.recorded = std::move(result);
}

void RuleEngine::finish(GroupState& group, SteadyTime began) {
  const SteadyTime now = clock_.steady();
  group.seconds = seconds(now - began);
  group.at_ms = samples_.now_ms();
  group.evaluations += group.rules.size();
  const auto has_failed = [](const RuleState& rule) { return !rule.error.empty(); };
  group.failures += static_cast<std::uint64_t>(std::ranges::count_if(group.rules, has_failed));
  if (samples_.take_shortage() || history_.left_out() > 0) {
    log_.warn_limited("rules/history", "the history does not hold the ranges of the rules: raise history.size",
                      {{"bytes", std::to_string(history_.bytes())}});
  }
  sender_.take(groups_, samples_.now_ms());
  const auto notices = sender_.counts();
  auto block = block_.collect(groups_, notices);
  history_.observe(kRulesBlock, *block, now);
  store_.publish(kRulesBlock, std::move(block));
}

asio::awaitable<void> RuleEngine::save(SteadyTime deadline) {
  if (state_directory_.empty() || !std::exchange(dirty_, false)) co_return;
  saved_ = clock_.steady();
  struct Saving {
    std::string directory, body;
    Result<void> result;
  };
  samples_.at(clock_);
  const auto saving = std::make_shared<Saving>(Saving{state_directory_, saved_alerts(groups_, samples_.now_ms()), {}});
  const std::function<void()> write = [saving] {
    saving->result = StateFile(saving->directory, kFile, kVersion).save(saving->body, false);
  };
  const bool done = co_await on_pool(loop_, pool_, deadline, write);
  if (done && saving->result) co_return;
  dirty_ = true;
  log_.warn_limited("rules/save", "cannot save the alerts",
                    {{"error", done ? describe(saving->result.error()) : std::string("no answer in time")}});
}

asio::awaitable<void> RuleEngine::stop(SteadyTime deadline) {
  stopping_ = true;
  timer_.cancel();
  // The time of the last evaluation counts for alerts that are pending.
  if (running_ && !groups_.empty()) dirty_ = true;
  co_await save(deadline);
}

std::vector<std::string> RuleEngine::failing(rules::Affects what) const {
  std::set<std::string> names;
  groups_.each_rule([&](const GroupState&, const RuleState& rule) {
    if (rule.rule->affects == what && rule.alerts.count(Alert::State::firing) > 0) names.insert(rule.rule->name);
  });
  return {names.begin(), names.end()};
}

}  // namespace vitalsd
