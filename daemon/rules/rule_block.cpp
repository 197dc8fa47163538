#include "daemon/rules/rule_block.h"

#include <map>
#include <set>
#include <utility>

#include "core/sink.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 2> kAlertLabels = {"alertname", "alertstate"};
constexpr std::array<std::string_view, 1> kForLabels = {"alertname"};
constexpr std::array<std::string_view, 1> kRuleLabels = {"rule"};
constexpr std::array<std::string_view, 1> kGroupLabels = {"rule_group"};
constexpr Family kAlerts{"ALERTS", Kind::gauge, "Alerts of the daemon's own rules that are pending or firing.", "",
                         kAlertLabels};
constexpr Family kForState{"ALERTS_FOR_STATE", Kind::gauge,
                           "When the expression of a pending or firing alert began to hold, in seconds since 1970.", "",
                           kForLabels};
constexpr Family kActive{"vitalsd_rule_active", Kind::gauge, "Whether an alert of the rule is firing.", "",
                         kRuleLabels};
constexpr Family kDuration{"vitalsd_rule_group_last_duration_seconds", Kind::gauge,
                           "How long the last evaluation of the group's rules took.", "seconds", kGroupLabels};
constexpr Family kEvaluations{"vitalsd_rule_evaluations_total", Kind::counter, "Evaluations of the group's rules.", "",
                              kGroupLabels};
constexpr Family kFailures{"vitalsd_rule_evaluation_failures_total", Kind::counter,
                           "Evaluations of the group's rules that failed; /api/v1/rules has the reason.", "",
                           kGroupLabels};

constexpr std::array<std::string_view, 1> kManagerLabels = {"alertmanager"};
constexpr Family kSent{"vitalsd_notifications_sent_total", Kind::counter, "Alerts that the Alertmanager took.", "",
                       kManagerLabels};
constexpr Family kErrors{"vitalsd_notifications_errors_total", Kind::counter,
                         "Alerts that the Alertmanager did not take when they were sent.", "", kManagerLabels};
constexpr Family kDropped{"vitalsd_notifications_dropped_total", Kind::counter,
                          "Alerts that are not sent again: the Alertmanager refused them, or too many wait.", "",
                          kManagerLabels};
constexpr Family kWaiting{"vitalsd_notifications_queue_length", Kind::gauge, "Alerts that wait for the Alertmanager.",
                          "", kManagerLabels};

constexpr auto kFamilies = family_list<family_total(kAlerts, kForState, kActive, kDuration, kEvaluations, kFailures,
                                                    kSent, kErrors, kDropped, kWaiting)>(
    kAlerts, kForState, kActive, kDuration, kEvaluations, kFailures, kSent, kErrors, kDropped, kWaiting);

}  // namespace

/// Kept alive by the blocks that show them.
struct RuleBlock::RecordedFamilies {
  std::map<std::string, Family> by_name;
};

void RuleBlock::add(Block& block, const Family& family, rules::LabelSet labels, double value) const {
  labels.remove_name();
  labels.remove(external_);
  std::vector<std::string_view> names, values;
  for (const auto& [name, text] : labels.pairs()) {
    names.push_back(name);
    values.push_back(text);
  }
  block.append(family, block.add_labels(names, values), value, Part::value);
}

const Family& RuleBlock::recorded(const std::string& name) {
  if (!recorded_) recorded_ = std::make_shared<RecordedFamilies>();
  const auto [found, added] = recorded_->by_name.try_emplace(name);
  if (added) found->second = {found->first, Kind::untyped, "Recorded by a rule."};
  return found->second;
}

std::shared_ptr<const Block> RuleBlock::collect(const RuleGroups& groups, std::span<const NoticeCounts> notices) {
  if (!spare_ || spare_.use_count() > 1) spare_ = std::make_shared<Block>();
  std::swap(current_, spare_);
  Block& block = *current_;
  block.clear();
  std::map<std::string_view, bool> active;
  std::set<std::pair<std::string_view, rules::LabelSet>>
      seen;  // two rules may make the same series: the first one's stays
  groups.each_rule([&](const GroupState&, const RuleState& rule) {
    const auto when_seen = [&](const Family& family, const rules::InstantSample& sample) {
      add(block, family, sample.labels, sample.value);
    };
    if (!rule.rule->is_alert) {
      for (const rules::InstantSample& sample : rule.recorded) {
        if (seen.emplace(rule.rule->name, sample.labels).second) when_seen(recorded(rule.rule->name), sample);
      }
      return;
    }
    bool& firing = active[rule.rule->name];
    for (const auto& [labels, alert] : rule.alerts.alerts()) {
      if (alert.state == Alert::State::resolved) continue;
      firing = firing || alert.state == Alert::State::firing;
      if (!seen.emplace(kAlerts.name, labels).second) continue;
      rules::LabelSet shown = labels;
      shown.set("alertstate", name_of(alert.state));
      add(block, kAlerts, std::move(shown), 1);
      constexpr std::int64_t kSecond = 1000;
      add(block, kForState, labels, static_cast<double>(alert.active_at / kSecond));
    }
  });
  BlockSink sink(block);
  for (const auto& [name, firing] : active) sink.add(kActive, {name}, firing ? 1 : 0);
  for (const auto& group : groups.all()) {
    const std::string name = group->group->file + ";" + group->group->name;
    const std::string_view value = name;
    const LabelId labels = sink.labels(kGroupLabels, {&value, 1});
    sink.add(kDuration, labels, group->seconds);
    sink.add(kEvaluations, labels, static_cast<double>(group->evaluations));
    sink.add(kFailures, labels, static_cast<double>(group->failures));
  }
  for (const NoticeCounts& counts : notices) {
    const std::string_view value = counts.alertmanager;
    const LabelId labels = sink.labels(kManagerLabels, {&value, 1});
    sink.add(kSent, labels, static_cast<double>(counts.sent));
    sink.add(kErrors, labels, static_cast<double>(counts.errors));
    sink.add(kDropped, labels, static_cast<double>(counts.dropped));
    sink.add(kWaiting, labels, static_cast<double>(counts.waiting));
  }
  block.keep(recorded_);
  block.finish();
  return current_;
}

std::span<const Family* const> RuleBlock::families() { return kFamilies; }

}  // namespace vitalsd
