#include "daemon/history/sums.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/clock.h"

namespace vitalsd {
namespace {

using Time = History::Time;

// The sum of one round of the collector.
struct Round {
  Time at{};
  double value = std::nan("");
  double gained = 0;        // of rates
  double gained_after = 0;  // seconds

  void add(double more) noexcept { value = std::isnan(value) ? more : value + more; }
};

// Rounds from the first that any series has.
class Rounds {
 public:
  Rounds(std::span<const SeriesView> series, Time from, Time to) : first_(std::numeric_limits<std::uint32_t>::max()) {
    for (const SeriesView& each : series) {
      Points points = each.points(from, to);
      if (points.next()) first_ = std::min(first_, points.round());
    }
  }
  Round& at(const Points& points) {
    const std::size_t place = points.round() - first_;
    if (place >= rounds_.size()) rounds_.resize(place + 1);
    rounds_[place].at = points.at();
    return rounds_[place];
  }
  const std::vector<Round>& all() const noexcept { return rounds_; }

 private:
  std::uint32_t first_;
  std::vector<Round> rounds_;
};

void add_values(Rounds& rounds, const SeriesView& series, Time from, Time to) {
  for (Points points = series.points(from, to); points.next();) {
    if (!std::isnan(points.value())) rounds.at(points).add(points.value());
  }
}

void add_rates(Rounds& rounds, const SeriesView& series, Time from, Time to) {
  double before = std::nan("");
  Time before_at{};
  for (Points points = series.points(from, to); points.next();) {
    const double value = points.value();
    if (std::isnan(value)) continue;
    if (!std::isnan(before) && points.at() > before_at) {
      const double after = seconds(points.at() - before_at);
      const double gained = value < before ? value : value - before;
      Round& round = rounds.at(points);
      round.add(gained / after);
      round.gained += gained;
      round.gained_after = std::max(round.gained_after, after);
    }
    before = value;
    before_at = points.at();
  }
}

}  // namespace

std::vector<Window> sum_steps_of(std::span<const SeriesView> series, Time from, Time to, std::chrono::nanoseconds step,
                                 Sum what) {
  if (to <= from) return {};
  step = std::min<std::chrono::nanoseconds>(step, to - from);
  const Time begin = what == Sum::rates ? from - step : from;
  Rounds rounds(series, begin, to);
  for (const SeriesView& each : series) {
    if (what == Sum::rates) {
      add_rates(rounds, each, begin, to);
    } else {
      add_values(rounds, each, begin, to);
    }
  }
  struct Growth {
    double gained = 0, after = 0;
  };
  const std::size_t steps = count_steps(from, to, step);
  std::vector<Window> windows(steps);
  std::vector<Growth> growth(what == Sum::rates ? steps : 0);
  for (const Round& round : rounds.all()) {
    if (round.at <= from || std::isnan(round.value)) continue;
    const std::size_t place = step_at(from, round.at, step);
    windows[place].add(round.value);
    if (what == Sum::values) continue;
    growth[place].gained += round.gained;
    growth[place].after += round.gained_after;
  }
  for (std::size_t i = 0; i < growth.size(); ++i) {
    if (windows[i].count == 0) continue;
    const double mean = std::clamp(growth[i].gained / growth[i].after, windows[i].min, windows[i].max);
    windows[i].sum = mean * static_cast<double>(windows[i].count);
  }
  return windows;
}

}  // namespace vitalsd
