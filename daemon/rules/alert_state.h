// One rule's alerts: pending, firing and resolved, with Prometheus' rules for `for` and `keep_firing_for`.
//   AlertState state; state.update(rule, *evaluate(...), now_ms); for (const auto& [labels, alert] : state.alerts())
//   ...
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/rules/language/evaluate.h"
#include "daemon/rules/language/rule.h"

namespace vitalsd {

/// All times are milliseconds since the epoch, 0: never.
struct Alert {
  enum class State : std::uint8_t { resolved, pending, firing };
  using Texts = std::vector<std::pair<std::string, std::string>>;

  State state = State::pending;
  double value = 0;
  Texts annotations = {};
  std::int64_t active_at = 0;  ///< when its expression first held
  std::int64_t fired_at = 0;
  std::int64_t resolved_at = 0;
  std::int64_t keep_since = 0;  ///< when its expression stopped, while keep_firing_for lasts
  std::int64_t sent_at = 0;     ///< to an Alertmanager
  bool restored = false;        ///< an earlier daemon's, that no evaluation here has found yet
};
constexpr std::string_view name_of(Alert::State state) {
  constexpr std::string_view kNames[] = {"inactive", "pending", "firing"};
  return kNames[static_cast<std::size_t>(state)];
}

class AlertState {
 public:
  /// How long a resolved alert is kept, for those who were sent it.
  static constexpr std::int64_t kResolvedMs = 15 * 60 * 1000;

  /// By their labels, alertname included.
  using Alerts = std::map<rules::LabelSet, Alert>;

  /// Takes the result of an evaluation. Restored alerts that it does not hold stay until `settled_ms`. An error leaves
  /// all as it was.
  std::expected<void, std::string> update(const rules::Rule& rule, rules::InstantVector result, std::int64_t now_ms,
                                          std::int64_t settled_ms);
  /// Adds what an earlier daemon saved at `saved_ms`: a pending alert waits for the time that nobody looked.
  void restore(rules::LabelSet labels, Alert alert, std::int64_t saved_ms, std::int64_t now_ms);

  /// From now on all are as if restored.
  void doubt_all() noexcept;

  const Alerts& alerts() const noexcept { return alerts_; }
  Alerts& alerts() noexcept { return alerts_; }
  /// How many there are in this state.
  std::size_t count(Alert::State state) const;
  /// Whether anything but values changed since this was last asked.
  bool take_change() noexcept { return std::exchange(changed_, false); }

 private:
  void advance(const rules::Rule& rule, Alert& alert, bool holds, std::int64_t now_ms, std::int64_t settled_ms);

  Alerts alerts_;
  bool changed_ = false;
};

}  // namespace vitalsd
