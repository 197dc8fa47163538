#include "daemon/history/windows.h"

#include <cmath>

#include "core/clock.h"

namespace vitalsd {
namespace {

using Time = History::Time;

// What a counter has gained from sample to sample.
class Growth {
 public:
  bool is_begun() const noexcept { return begun_; }
  void add(double value) noexcept {
    if (begun_) gained_ += value < last_ ? value : value - last_;
    begun_ = true;
    last_ = value;
  }
  double gained() const noexcept { return gained_; }

 private:
  bool begun_ = false;
  double last_ = 0;
  double gained_ = 0;
};

}  // namespace

std::size_t count_steps(Time from, Time to, std::chrono::nanoseconds step) {
  return static_cast<std::size_t>((to - from - std::chrono::nanoseconds(1)) / step) + 1;
}

void Window::add(double value) noexcept {
  if (std::isnan(value)) return;
  min = std::fmin(min, value);
  max = std::fmax(max, value);
  sum += value;
  last = value;
  ++count;
}

Window window_of(const SeriesView& series, Time from, Time to) {
  Window window;
  for (Points points = series.points(from, to); points.next();) window.add(points.value());
  return window;
}

std::optional<double> rate_of(const SeriesView& series, Time from, Time to) {
  Growth growth;
  Time first{}, last{};
  for (Points points = series.points(from, to); points.next(); last = points.at()) {
    if (!growth.is_begun()) first = points.at();
    growth.add(points.value());
  }
  if (last <= first) return std::nullopt;
  return growth.gained() / seconds(last - first);
}

std::vector<Window> steps_of(const SeriesView& series, Time from, Time to, std::chrono::nanoseconds step) {
  if (to <= from) return {};
  std::vector<Window> steps(count_steps(from, to, step));
  for (Points points = series.points(from, to); points.next();) {
    if (points.at() > from) steps[step_at(from, points.at(), step)].add(points.value());
  }
  return steps;
}

}  // namespace vitalsd
