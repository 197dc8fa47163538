// A source of samples for expressions, made of series in promtool's own form, and of the moment that is looked at.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/rules/language/evaluate.h"

namespace vitalsd {

class SampleTable final : public rules::SampleSource {
 public:
  struct Series {
    std::string name, labels;
    std::vector<double> values;  ///< one every `step_ms`, the first at 0
  };
  explicit SampleTable(std::vector<Series> series, std::int64_t step_ms = 15'000)
      : series_(std::move(series)), step_ms_(step_ms) {}
  static constexpr double kMissing = 1e300;  ///< stands for no sample
  std::int64_t now_ms = 0;

  void append_instant(const rules::SelectorNode& selector, std::size_t most, rules::InstantVector& out) const override {
    for (const Series& one : series_) {
      const auto last = static_cast<std::size_t>(now_ms / step_ms_);
      if (!selector.fits(one.name, one.labels) || last >= one.values.size() || out.size() >= most) continue;
      if (one.values[last] != kMissing) out.push_back({rules::LabelSet(one.name, one.labels), one.values[last]});
    }
  }
  void append_range(const rules::SelectorNode& selector, std::int64_t start_ms, std::int64_t end_ms,
                    const rules::EvaluationLimits& limits, std::vector<rules::RangeSeries>& out) const override {
    for (const Series& one : series_) {
      if (!selector.fits(one.name, one.labels) || out.size() >= limits.series) continue;
      rules::RangeSeries found{rules::LabelSet(one.name, one.labels), {}};
      for (std::size_t i = 0; i < one.values.size(); ++i) {
        const auto ms = static_cast<std::int64_t>(i) * step_ms_;
        if (ms > start_ms && ms <= end_ms && one.values[i] != kMissing) found.points.push_back({ms, one.values[i]});
      }
      if (!found.points.empty()) out.push_back(std::move(found));
    }
  }

 private:
  std::vector<Series> series_;
  std::int64_t step_ms_;
};

}  // namespace vitalsd
