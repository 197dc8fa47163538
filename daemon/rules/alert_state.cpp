#include "daemon/rules/alert_state.h"

#include <algorithm>

namespace vitalsd {
namespace {

std::int64_t ms_of(std::chrono::nanoseconds span) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

rules::LabelSet labels_of(const rules::Rule& rule, const rules::InstantSample& sample) {
  rules::LabelSet labels = sample.labels;
  labels.remove_name();
  for (const auto& [name, text] : rule.labels) labels.set(name, text.expand(sample.labels, sample.value));
  labels.set("alertname", rule.name);
  return labels;
}

}  // namespace

std::expected<void, std::string> AlertState::update(const rules::Rule& rule, rules::InstantVector result,
                                                    std::int64_t now_ms, std::int64_t settled_ms) {
  std::map<rules::LabelSet, const rules::InstantSample*> found;
  for (const rules::InstantSample& sample : result) {
    const auto [at, added] = found.emplace(labels_of(rule, sample), &sample);
    if (!added) return std::unexpected("several results have the labels " + at->first.text() + " of one alert");
  }
  for (const auto& [labels, sample] : found) {
    const auto [at, added] = alerts_.try_emplace(labels);
    Alert& alert = at->second;
    if (added || alert.state == Alert::State::resolved) {
      alert = {.active_at = now_ms};
      changed_ = true;
    }
    alert.restored = false;
    alert.value = sample->value;
    alert.annotations.clear();
    for (const auto& [name, text] : rule.annotations) {
      alert.annotations.emplace_back(name, text.expand(sample->labels, sample->value));
    }
  }
  for (auto& [labels, alert] : alerts_) advance(rule, alert, found.contains(labels), now_ms, settled_ms);
  std::erase_if(alerts_, [now_ms](const auto& one) {
    const Alert& alert = one.second;
    if (alert.state != Alert::State::resolved) return false;
    return alert.fired_at == 0 || now_ms - alert.resolved_at > kResolvedMs;
  });
  return {};
}

void AlertState::advance(const rules::Rule& rule, Alert& alert, bool holds, std::int64_t now_ms,
                         std::int64_t settled_ms) {
  using enum Alert::State;
  const Alert::State before = alert.state;
  if (holds) {
    alert.keep_since = 0;
    if (alert.state == pending && now_ms - alert.active_at >= ms_of(rule.hold)) {
      alert.state = firing;
      alert.fired_at = now_ms;
    }
  } else if (alert.state == pending || alert.state == firing) {
    if (alert.restored && now_ms < settled_ms) return;
    if (alert.state == firing && alert.keep_since == 0) alert.keep_since = now_ms;
    const bool keeps = alert.state == firing && now_ms - alert.keep_since < ms_of(rule.keep_firing);
    if (!keeps) {
      alert.state = resolved;
      alert.resolved_at = now_ms;
    }
  }
  changed_ = changed_ || before != alert.state;
}

void AlertState::restore(rules::LabelSet labels, Alert alert, std::int64_t saved_ms, std::int64_t now_ms) {
  if (alert.state == Alert::State::pending) {
    alert.active_at = std::min(now_ms, alert.active_at + std::max<std::int64_t>(now_ms - saved_ms, 0));
  }
  alert.restored = true;
  alerts_.emplace(std::move(labels), std::move(alert));
}

void AlertState::doubt_all() noexcept {
  for (auto& [labels, alert] : alerts_) alert.restored = true;
}

std::size_t AlertState::count(Alert::State state) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(alerts_, [state](const auto& one) { return one.second.state == state; }));
}

}  // namespace vitalsd
