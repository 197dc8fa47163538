// Evaluates the rules of the configuration, and publishes what they found as a block of its own.
//   engine.configure(config, book); engine.begin(); engine.failing(Affects::health)
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/clock.h"
#include "daemon/config/config.h"
#include "daemon/history/history.h"
#include "daemon/rules/alert_sender.h"
#include "daemon/rules/alert_state.h"
#include "daemon/rules/live_samples.h"
#include "daemon/rules/rule_block.h"
#include "daemon/rules/rule_groups.h"
#include "daemon/run/pool.h"
#include "daemon/run/store.h"
#include "daemon/service/log.h"

namespace vitalsd {

/// Lives on the loop, of which each rule takes one turn.
class RuleEngine {
 public:
  /// `refresh` publishes anew what is published only when it is asked for, before a group is evaluated.
  RuleEngine(boost::asio::io_context& loop, Pool& pool, Store& store, History& history, const Clock& clock, Log& log,
             std::function<void()> refresh);

  /// Rules that are as they were keep their alerts.
  void configure(const Config& config, std::shared_ptr<const rules::RuleBook> book);
  /// Once what collects has run for the first time: restores what an earlier daemon saved, and evaluates from then on.
  void begin();
  /// Ends the evaluations and saves the alerts.
  boost::asio::awaitable<void> stop(SteadyTime deadline);

  RuleGroups& groups() noexcept { return groups_; }
  const RuleGroups& groups() const noexcept { return groups_; }
  /// Names of firing alerts that make this fail, each once.
  std::vector<std::string> failing(rules::Affects what) const;

  /// Evaluates one group now, without a pause between its rules. For tests and benches.
  void evaluate(GroupState& group);
  /// All families but recorded ones, for the generated reference.
  static std::span<const Family* const> families() { return RuleBlock::families(); }

 private:
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> evaluate_in_turns(std::shared_ptr<GroupState> group);
  boost::asio::awaitable<void> save(SteadyTime deadline);
  void prepare();
  boost::asio::awaitable<void> restore();
  void evaluate(const GroupState& group, RuleState& rule);
  static void record(RuleState& state, rules::InstantVector result);
  void finish(GroupState& group, SteadyTime began);

  boost::asio::io_context& loop_;
  Pool& pool_;
  Store& store_;
  History& history_;
  const Clock& clock_;
  Log& log_;
  std::function<void()> refresh_;
  boost::asio::steady_timer timer_;
  RuleGroups groups_;
  LiveSamples samples_;
  AlertSender sender_;
  RuleBlock block_;
  std::string state_directory_;
  SteadyTime began_{};  ///< when the rules were last configured
  SteadyTime saved_{};
  std::uint64_t generation_ = 0;
  bool running_ = false;
  bool stopping_ = false;
  bool dirty_ = false;
};

}  // namespace vitalsd
