#include "daemon/rules/rule_memory.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <map>

#include "core/metric_name.h"

namespace vitalsd {
namespace json = boost::json;
namespace {

constexpr std::int64_t kMostAgeMs = 3600 * 1000;  // as Prometheus' --rules.alert.for-outage-tolerance

json::object object_of(const std::string& key, const rules::LabelSet& labels, const Alert& alert) {
  json::object label_object, annotations;
  for (const auto& [name, value] : labels.pairs()) label_object[name] = value;
  for (const auto& [name, value] : alert.annotations) annotations[name] = value;
  return {{"rule", key},
          {"labels", std::move(label_object)},
          {"annotations", std::move(annotations)},
          {"firing", alert.state == Alert::State::firing},
          {"value", rules::value_text(alert.value)},
          {"active_at", alert.active_at},
          {"fired_at", alert.fired_at},
          {"keep_since", alert.keep_since}};
}

struct Saved {
  std::string rule;
  rules::LabelSet labels;
  Alert alert;
};

// Throws what Boost.JSON does.
Saved read(const json::object& from, std::int64_t now_ms) {
  Saved saved{.rule = json::value_to<std::string>(from.at("rule")), .labels = {}, .alert = {}};
  for (const auto& [name, value] : from.at("labels").as_object()) {
    if (is_label_name(name)) saved.labels.set(name, json::value_to<std::string>(value));
  }
  for (const auto& [name, value] : from.at("annotations").as_object()) {
    saved.alert.annotations.emplace_back(name, json::value_to<std::string>(value));
  }
  saved.alert.state = from.at("firing").as_bool() ? Alert::State::firing : Alert::State::pending;
  const auto time = [&](std::string_view name) {
    return std::clamp<std::int64_t>(from.at(name).to_number<std::int64_t>(), 0, now_ms);
  };
  saved.alert.active_at = time("active_at");
  saved.alert.fired_at = time("fired_at");
  saved.alert.keep_since = time("keep_since");
  saved.alert.value = std::strtod(json::value_to<std::string>(from.at("value")).c_str(), nullptr);
  return saved;
}

}  // namespace

std::string saved_alerts(const RuleGroups& groups, std::int64_t now_ms) {
  json::array alerts;
  groups.each_rule([&](const GroupState&, const RuleState& rule) {
    for (const auto& [labels, alert] : rule.alerts.alerts()) {
      if (alert.state != Alert::State::resolved) alerts.push_back(object_of(rule.key, labels, alert));
    }
  });
  return json::serialize(json::object{{"saved_at", now_ms}, {"alerts", std::move(alerts)}});
}

bool restore_alerts(std::string_view text, const RuleGroups& groups, std::int64_t now_ms) {
  std::map<std::string, RuleState*> by_key;
  groups.each_rule([&](const GroupState&, RuleState& rule) { by_key.emplace(rule.key, &rule); });
  try {
    const json::value document = json::parse(text);
    const auto saved_ms = document.at("saved_at").to_number<std::int64_t>();
    if (now_ms - saved_ms > kMostAgeMs || saved_ms > now_ms) return true;
    std::vector<Saved> all;
    for (const json::value& one : document.at("alerts").as_array()) all.push_back(read(one.as_object(), now_ms));
    for (Saved& one : all) {
      const auto found = by_key.find(one.rule);
      if (found == by_key.end()) continue;
      AlertState& alerts = found->second->alerts;
      if (alerts.alerts().size() >= rules::RuleBook::kMostResults) continue;
      alerts.restore(std::move(one.labels), std::move(one.alert), saved_ms, now_ms);
    }
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace vitalsd
