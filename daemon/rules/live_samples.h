// What rules read: the newest block of every collector, and the history for ranges.
//   LiveSamples samples(store, history, labels); samples.at(clock); evaluate(expression, samples, samples.now_ms())
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "daemon/history/history.h"
#include "daemon/rules/language/evaluate.h"
#include "daemon/run/job.h"
#include "daemon/run/store.h"

namespace vitalsd {

/// The name under which the rules' own block is published: after all collectors, before what others push.
inline constexpr std::string_view kRulesBlock = "~daemon/rules";

/// Lives on the loop. A series that its collector no longer reports is gone at once, as with a staleness marker.
class LiveSamples final : public rules::SampleSource {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  /// The values that recording rules found last, by their names.
  using Recorded = std::multimap<std::string, const rules::InstantVector*, std::less<>>;

  LiveSamples(const Store& store, const History& history) : store_(store), history_(history) {}

  /// `labels` are those that every series has besides its own. Begins to watch how far the history reaches.
  void configure(const Labels& labels, SteadyTime now);
  void record(std::string name, const rules::InstantVector* values) { recorded_.emplace(std::move(name), values); }
  void forget_records() { recorded_.clear(); }

  /// The moment that evaluations are of.
  void at(const Clock& clock);
  std::int64_t now_ms() const noexcept { return now_ms_; }

  void append_instant(const rules::SelectorNode& selector, std::size_t most, rules::InstantVector& out) const override;
  void append_range(const rules::SelectorNode& selector, std::int64_t start_ms, std::int64_t end_ms,
                    const rules::EvaluationLimits& limits, std::vector<rules::RangeSeries>& out) const override;

  /// Whether a range was longer than what the history still holds, since this was last asked.
  bool take_shortage() const noexcept { return std::exchange(is_short_, false); }

 private:
  bool fits(const rules::SelectorNode& selector, std::string_view name, std::string_view labels) const;
  rules::LabelSet labels_of(std::string_view name, std::string_view labels) const;
  void watch_reach(std::string_view collector, SteadyTime from, SteadyTime to) const;

  const Store& store_;
  const History& history_;
  Labels labels_;
  std::string label_text_;  ///< of labels_, as a Block's
  Recorded recorded_;
  std::int64_t now_ms_ = 0;
  SteadyTime now_{};
  SteadyTime began_{};
  mutable Snapshot snapshot_;
  mutable std::string text_;
  mutable bool is_short_ = false;
};

}  // namespace vitalsd
