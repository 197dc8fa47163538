#include "daemon/incidents/report_history.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vitalsd {
namespace json = boost::json;
namespace {

// Among these the largest users of memory are looked for.
constexpr std::array<std::string_view, 3> kMemory = {
    "container_memory_working_set_bytes", "namedprocess_namegroup_memory_bytes", "vitalsd_target_resident_bytes"};
constexpr std::size_t kLargest = 5;                         // of each
constexpr std::string_view kNoUse = "memtype=\"virtual\"";  // address space, not memory

// A series for each CPU and mode: load and pressure say the same of the host in a few.
constexpr std::string_view kLeftOut = "node_cpu_seconds_total";

std::string name_of_series(const SeriesView& series) {
  std::string name(series.family());
  if (!series.labels().empty()) name.append("{").append(series.labels()).append("}");
  return name;
}

json::value number(double value) { return std::isfinite(value) ? json::value(value) : json::value(nullptr); }

// To the millisecond: more would only be longer.
double seconds_before(History::Time now, History::Time then) {
  return -static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(now - then).count()) / 1000;
}

// A collector's runs that the report shows: every `stride`th from the newest, oldest first.
struct Runs {
  std::vector<std::uint32_t> rounds;
  json::array seconds;
};

Runs runs_of(const History& history, std::string_view collector, History::Time now, std::chrono::nanoseconds span,
             std::size_t stride) {
  std::vector<std::pair<std::uint32_t, double>> all;
  for (Points points = history.runs(collector, now - span, now); points.next();) {
    all.emplace_back(points.round(), seconds_before(now, points.at()));
  }
  Runs runs;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if ((all.size() - 1 - i) % stride != 0) continue;
    runs.rounds.push_back(all[i].first);
    runs.seconds.emplace_back(all[i].second);
  }
  return runs;
}

class ReportHistory {
 public:
  ReportHistory(const History& history, History::Time now, std::chrono::nanoseconds span, std::size_t stride)
      : history_(history), now_(now), span_(span), stride_(stride) {}

  void add(const SeriesView& series) {
    if (series.family() == kLeftOut) return;
    if (series.collector() != collector_) begin(series.collector());
    std::vector<double> values(runs_.rounds.size(), std::nan(""));
    bool is_there = false;
    double peak = std::nan(""), last = peak;
    for (Points points = series.points(now_ - span_, now_); points.next();) {
      is_there = true;
      const auto round = std::ranges::lower_bound(runs_.rounds, points.round());
      if (round == runs_.rounds.end() || *round != points.round()) continue;
      values[static_cast<std::size_t>(round - runs_.rounds.begin())] = points.value();
      peak = std::fmax(peak, points.value());
      if (!std::isnan(points.value())) last = points.value();
    }
    if (!is_there) return;
    json::array shown;
    for (const double value : values) shown.push_back(number(value));
    std::string name = name_of_series(series);
    const auto* memory = std::ranges::find(kMemory, series.family());
    const bool is_use = memory != kMemory.end() && series.labels().find(kNoUse) == std::string_view::npos;
    if (is_use && !std::isnan(last)) large_[*memory].push_back({name, peak, last});
    series_.push_back(json::object{{"series", std::move(name)}, {"values", std::move(shown)}});
  }

  json::object take() {
    end();
    return {{"largest", std::move(largest_)},
            {"history", std::move(collectors_)},
            {"series_left_out", history_.left_out()}};
  }

 private:
  struct Large {
    std::string name;
    double peak, last;
  };

  void begin(std::string_view collector) {
    end();
    collector_ = collector;
    runs_ = runs_of(history_, collector, now_, span_, stride_);
  }

  void end() {
    for (auto& [family, users] : large_) {
      std::ranges::sort(users, std::ranges::greater{}, &Large::peak);
      users.resize(std::min(users.size(), kLargest));
      for (const Large& user : users) {
        largest_.push_back(json::object{{"series", user.name}, {"peak", user.peak}, {"last", user.last}});
      }
    }
    large_.clear();
    if (!series_.empty()) {
      collectors_.push_back(json::object{
          {"collector", collector_}, {"seconds", std::move(runs_.seconds)}, {"series", std::move(series_)}});
    }
    series_ = {};
  }

  const History& history_;
  History::Time now_;
  std::chrono::nanoseconds span_;
  std::size_t stride_;
  std::string_view collector_;
  Runs runs_;
  json::array series_, collectors_, largest_;
  std::map<std::string_view, std::vector<Large>> large_;
};

}  // namespace

json::object report_history(const History& history, History::Time now, std::chrono::nanoseconds span,
                            std::size_t stride) {
  ReportHistory report(history, now, span, stride);
  if (span > std::chrono::nanoseconds(0))
    history.each_series([&report](const SeriesView& series) { report.add(series); });
  return report.take();
}

}  // namespace vitalsd
