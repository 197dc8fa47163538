#include "daemon/rules/rule_groups.h"

#include <algorithm>
#include <map>

namespace vitalsd {
namespace {

std::string key_of(const rules::RuleGroup& group, const rules::Rule& rule) {
  std::string key = group.file;
  for (const std::string& part : {group.name, std::string(rule.is_alert ? "alert" : "record"), rule.name, rule.query}) {
    key += '\n';
    key += part;
  }
  for (const auto& [name, text] : rule.labels) key += "\n" + name + "=" + text.source();
  return key;
}

}  // namespace

void RuleGroups::configure(std::shared_ptr<const rules::RuleBook> book, SteadyTime now) {
  std::map<std::string, AlertState> known;
  each_rule([&](const GroupState&, RuleState& rule) { known.emplace(rule.key, std::move(rule.alerts)); });
  groups_.clear();
  for (const rules::RuleGroup& group : book->groups) {
    auto state = std::make_shared<GroupState>(GroupState{.book = book, .group = &group, .due = now});
    for (const rules::Rule& rule : group.rules) {
      RuleState one{.rule = &rule, .key = key_of(group, rule)};
      if (const auto found = known.find(one.key); found != known.end()) {
        one.alerts = std::move(found->second);
        one.alerts.doubt_all();  // the history may begin anew
        known.erase(found);
      }
      state->rules.push_back(std::move(one));
    }
    groups_.push_back(std::move(state));
  }
}

std::shared_ptr<GroupState> RuleGroups::next() const {
  const auto first = std::ranges::min_element(groups_, {}, [](const auto& group) { return group->due; });
  return first == groups_.end() ? nullptr : *first;
}

void RuleGroups::each_rule(const std::function<void(const GroupState&, RuleState&)>& visit) const {
  for (const auto& group : groups_) {
    for (RuleState& rule : group->rules) visit(*group, rule);
  }
}

}  // namespace vitalsd
