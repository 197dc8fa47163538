// A history, and rounds of a collector that publish what the test says.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "core/sink.h"
#include "daemon/history/history.h"

namespace vitalsd {

inline constexpr std::array<std::string_view, 1> kTargetLabel = {"target"};
inline constexpr Family kUp{"vitalsd_target_up", Kind::gauge, "", "", kTargetLabel};
inline constexpr Family kResident{"vitalsd_target_resident_bytes", Kind::gauge, "", "", kTargetLabel};
inline constexpr Family kCpu{"vitalsd_target_cpu_seconds_total", Kind::counter, "", "", kTargetLabel};
inline constexpr Family kPid{"vitalsd_target_pid", Kind::gauge, "", "", kTargetLabel};  // worth nothing

class HistoryTest : public testing::Test {
 protected:
  using Values = std::initializer_list<std::pair<std::string_view, double>>;

  HistoryTest() { history_.configure({.window = std::chrono::seconds(10), .most_bytes = 1 << 20, .families = {}}); }

  // One round a second: each target with a value of this family.
  void round(Values targets, const Family& family = kResident,
             std::chrono::nanoseconds after = std::chrono::seconds(1)) {
    Block block;
    BlockSink sink(block);
    for (const auto& [name, value] : targets) {
      sink.add(family, {name}, value);
      sink.add(kPid, {name}, 7);
    }
    block.finish();
    history_.observe("targets", block, now_ += after);
  }
  const SeriesView* view(std::string_view target, std::string_view family = "vitalsd_target_resident_bytes") {
    found_ = history_.select({.family = std::string(family), .labels = {{"target", std::string(target)}}}, 10);
    return found_.size() == 1 ? &found_.front() : nullptr;
  }
  std::vector<double> values(std::string_view target, History::Time from = {},
                             History::Time to = History::Time::max()) {
    std::vector<double> all;
    const SeriesView* series = view(target);
    if (series == nullptr) return all;
    for (Points points = series->points(from, to); points.next();) all.push_back(points.value());
    return all;
  }

  History history_;
  History::Time now_{std::chrono::seconds(1000)};
  std::vector<SeriesView> found_;
};

}  // namespace vitalsd
