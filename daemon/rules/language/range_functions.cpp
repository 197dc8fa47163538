#include "daemon/rules/language/range_functions.h"

#include <cmath>
#include <vector>

namespace vitalsd::rules::range {
namespace {

constexpr double kMilli = 1000;

double seconds_of(std::int64_t ms) { return static_cast<double>(ms) / kMilli; }

/// Neumaier's sum, which loses nothing where large values cancel out.
class ExactSum {
 public:
  void add(double value) {
    const double next = sum_ + value;
    if (std::isinf(next)) {
      lost_ = 0;
    } else {
      lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - next) + value : (value - next) + sum_;
    }
    sum_ = next;
  }
  double value() const { return std::isinf(sum_) ? sum_ : sum_ + lost_; }

 private:
  double sum_ = 0, lost_ = 0;
};

// How much the values grew in the window, with what lies between its ends and the samples made up for: as far as a
// series seems to reach, and for a counter not below zero.
Maybe extrapolated(const RangeWindow& window, bool is_counter, bool per_second) {
  const auto points = window.points;
  if (points.size() < 2) return {};
  double growth = points.back().value - points.front().value;
  if (is_counter) {
    for (std::size_t i = 1; i < points.size(); ++i) {
      if (points[i].value < points[i - 1].value) growth += points[i - 1].value;
    }
  }
  const double sampled = seconds_of(points.back().ms - points.front().ms);
  const double between = sampled / static_cast<double>(points.size() - 1);
  const double threshold = between * 1.1;
  double to_start = seconds_of(points.front().ms - window.start_ms);
  double to_end = seconds_of(window.end_ms - points.back().ms);
  if (to_start >= threshold) to_start = between / 2;
  if (is_counter && growth > 0 && points.front().value >= 0) {
    to_start = std::fmin(to_start, sampled * (points.front().value / growth));
  }
  if (to_end >= threshold) to_end = between / 2;
  double factor = (sampled + to_start + to_end) / sampled;
  if (per_second) factor /= seconds_of(window.end_ms - window.start_ms);
  return growth * factor;
}

Maybe instant(const RangeWindow& window, bool per_second) {
  const auto points = window.points;
  if (points.size() < 2) return {};
  const RangePoint before = points[points.size() - 2], last = points.back();
  const double growth = per_second && last.value < before.value ? last.value : last.value - before.value;
  return per_second ? growth / seconds_of(last.ms - before.ms) : growth;
}

struct Line {
  double slope, intercept;
};

// Least squares, with `origin_ms` as zero.
Line line_of(const RangeWindow& window, std::int64_t origin_ms) {
  const double first = window.points.front().value;
  bool constant = true;
  double count = 0;
  ExactSum sum_x, sum_y, sum_xy, sum_xx;
  for (const auto& [ms, value] : window.points) {
    constant = constant && value == first;
    ++count;
    const double x = seconds_of(ms - origin_ms);
    sum_x.add(x);
    sum_y.add(value);
    sum_xy.add(x * value);
    sum_xx.add(x * x);
  }
  if (constant) return std::isinf(first) ? Line{NAN, NAN} : Line{0, first};
  const double covariance = sum_xy.value() - sum_x.value() * sum_y.value() / count;
  const double variance = sum_xx.value() - sum_x.value() * sum_x.value() / count;
  const double slope = covariance / variance;
  return {slope, sum_y.value() / count - slope * sum_x.value() / count};
}

double variance_of(const RangeWindow& window) {
  double count = 0, mean = 0, squares = 0;
  for (const auto& [ms, value] : window.points) {
    const double off = value - mean;
    mean += off / ++count;
    squares += off * (value - mean);
  }
  return squares / count;
}

}  // namespace

Maybe rate(const RangeWindow& window, Scalars) { return extrapolated(window, true, true); }
Maybe increase(const RangeWindow& window, Scalars) { return extrapolated(window, true, false); }
Maybe delta(const RangeWindow& window, Scalars) { return extrapolated(window, false, false); }
Maybe irate(const RangeWindow& window, Scalars) { return instant(window, true); }
Maybe idelta(const RangeWindow& window, Scalars) { return instant(window, false); }

Maybe deriv(const RangeWindow& window, Scalars) {
  if (window.points.size() < 2) return {};
  return line_of(window, window.points.front().ms).slope;
}

Maybe predict_linear(const RangeWindow& window, Scalars seconds) {
  if (window.points.size() < 2) return {};
  const Line line = line_of(window, window.end_ms);
  return line.slope * seconds[0] + line.intercept;
}

Maybe changes(const RangeWindow& window, Scalars) {
  double count = 0;
  for (std::size_t i = 1; i < window.points.size(); ++i) {
    const double before = window.points[i - 1].value, now = window.points[i].value;
    if (now != before && !(std::isnan(now) && std::isnan(before))) ++count;
  }
  return count;
}

Maybe resets(const RangeWindow& window, Scalars) {
  double count = 0;
  for (std::size_t i = 1; i < window.points.size(); ++i) {
    if (window.points[i].value < window.points[i - 1].value) ++count;
  }
  return count;
}

Maybe sum(const RangeWindow& window, Scalars) {
  ExactSum total;
  for (const auto& [ms, value] : window.points) total.add(value);
  return total.value();
}

Maybe avg(const RangeWindow& window, Scalars none) {
  return *sum(window, none) / static_cast<double>(window.points.size());
}

Maybe min(const RangeWindow& window, Scalars) {
  double least = window.points.front().value;
  for (const auto& [ms, value] : window.points) {
    if (value < least || std::isnan(least)) least = value;
  }
  return least;
}

Maybe max(const RangeWindow& window, Scalars) {
  double most = window.points.front().value;
  for (const auto& [ms, value] : window.points) {
    if (value > most || std::isnan(most)) most = value;
  }
  return most;
}

Maybe count(const RangeWindow& window, Scalars) { return static_cast<double>(window.points.size()); }
Maybe last(const RangeWindow& window, Scalars) { return window.points.back().value; }
Maybe present(const RangeWindow&, Scalars) { return 1; }
Maybe stdvar(const RangeWindow& window, Scalars) { return variance_of(window); }
Maybe stddev(const RangeWindow& window, Scalars) { return std::sqrt(variance_of(window)); }

Maybe quantile(const RangeWindow& window, Scalars quantile) {
  std::vector<double> values;
  values.reserve(window.points.size());
  for (const auto& [ms, value] : window.points) values.push_back(value);
  return quantile_of(quantile[0], values);
}

}  // namespace vitalsd::rules::range
