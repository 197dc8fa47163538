// The groups that are evaluated, with what their rules found last.
//   RuleGroups groups; groups.configure(book); for (const auto& group : groups.all()) ...
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "daemon/rules/alert_state.h"
#include "daemon/rules/language/rule.h"
#include "daemon/run/job.h"

namespace vitalsd {

struct RuleState {
  const rules::Rule* rule = nullptr;
  std::string key;  ///< the same after a reload and a restart, if the rule is
  AlertState alerts = {};
  rules::InstantVector recorded = {};  ///< by a recording rule
  std::string error = {};              ///< of the last evaluation; empty: it went well
  bool evaluated = false;
  double seconds = 0;      ///< that the last evaluation took
  std::int64_t at_ms = 0;  ///< when it was
};

struct GroupState {
  std::shared_ptr<const rules::RuleBook> book;  ///< that owns the group
  const rules::RuleGroup* group = nullptr;
  std::vector<RuleState> rules = {};
  SteadyTime due{};
  double seconds = 0;
  std::int64_t at_ms = 0;
  std::uint64_t evaluations = 0, failures = 0;  ///< of rules
};

class RuleGroups {
 public:
  /// The first evaluations are due at `now`.
  void configure(std::shared_ptr<const rules::RuleBook> book, SteadyTime now);

  const std::vector<std::shared_ptr<GroupState>>& all() const noexcept { return groups_; }
  bool empty() const noexcept { return groups_.empty(); }
  /// The one that is due first; null without one.
  std::shared_ptr<GroupState> next() const;

  void each_rule(const std::function<void(const GroupState&, RuleState&)>& visit) const;

 private:
  std::vector<std::shared_ptr<GroupState>> groups_;
};

}  // namespace vitalsd
