// The value of an expression at one moment, with PromQL's meaning.
//   const auto result = evaluate(*expression, source, now_ms); if (!result) log(result.error());
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "daemon/rules/language/expression.h"
#include "daemon/rules/language/functions.h"
#include "daemon/rules/language/label_set.h"

namespace vitalsd::rules {

struct InstantSample {
  LabelSet labels;
  double value = 0;
};
using InstantVector = std::vector<InstantSample>;

struct RangeSeries {
  LabelSet labels;
  std::vector<RangePoint> points;
};

/// What one evaluation may read and hold; beyond it, it fails.
struct EvaluationLimits {
  std::size_t series = 20'000;
  std::size_t points = 400'000;
  std::size_t work = 50'000;  ///< samples that all operators and functions together make
};

/// Where samples come from.
class SampleSource {
 public:
  virtual ~SampleSource() = default;
  /// Appends the value that each series has now; no more than `most`.
  virtual void append_instant(const SelectorNode& selector, std::size_t most, InstantVector& out) const = 0;
  /// Appends each series' samples after `start_ms` and up to `end_ms`, in order; those without samples are left out.
  /// Gives up, with a rest left out, after more than `limits`.
  virtual void append_range(const SelectorNode& selector, std::int64_t start_ms, std::int64_t end_ms,
                            const EvaluationLimits& limits, std::vector<RangeSeries>& out) const = 0;
};

/// A scalar is given as one sample without labels. The error is one line for people.
std::expected<InstantVector, std::string> evaluate(const Expression& expression, const SampleSource& source,
                                                   std::int64_t at_ms, const EvaluationLimits& limits = {});

}  // namespace vitalsd::rules
