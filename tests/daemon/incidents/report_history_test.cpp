#include "daemon/incidents/report_history.h"

#include <boost/json.hpp>

#include "tests/daemon/history/history_fixture.h"

namespace vitalsd {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class ReportHistoryTest : public HistoryTest {
 protected:
  json::object shown(std::size_t stride = 1, std::chrono::nanoseconds span = 10s) const {
    return report_history(history_, now_, span, stride);
  }
  static const json::array* values_of(const json::object& report, std::string_view series) {
    for (const auto& collector : report.at("history").as_array()) {
      for (const auto& each : collector.at("series").as_array()) {
        if (each.at("series").as_string() == series) return &each.at("values").as_array();
      }
    }
    return nullptr;
  }
};

constexpr std::string_view kOfA = "vitalsd_target_resident_bytes{target=\"a\"}";

TEST_F(ReportHistoryTest, TellsNoMoreThanItsSpan) {
  for (int i = 0; i < 30; ++i) round({{"a", static_cast<double>(i)}});
  const json::object report = shown();
  const json::array& all = *values_of(report, kOfA);
  ASSERT_EQ(all.size(), 11U);
  EXPECT_EQ(all.front(), 19.0);
  EXPECT_EQ(all.back(), 29.0);
  const json::array& times = report.at("history").at(0).at("seconds").as_array();
  EXPECT_EQ(times.front(), -10.0);
  EXPECT_EQ(times.back(), 0.0);
}

TEST_F(ReportHistoryTest, WhatWasNotThereIsNull) {
  round({{"a", 1}, {"b", 2}});
  round({{"b", 3}});
  round({{"b", 4}, {"a", 5}});
  const json::object report = shown();
  EXPECT_EQ(*values_of(report, kOfA), (json::array{1.0, nullptr, 5.0}));
  EXPECT_EQ(*values_of(report, "vitalsd_target_resident_bytes{target=\"b\"}"), (json::array{2.0, 3.0, 4.0}));
}

TEST_F(ReportHistoryTest, ThinsFromTheNewest) {
  for (int i = 0; i < 5; ++i) round({{"a", static_cast<double>(i)}});
  EXPECT_EQ(*values_of(shown(2), kOfA), (json::array{0.0, 2.0, 4.0}));
}

TEST_F(ReportHistoryTest, TellsTheLargestByPeak) {
  round({{"a", 100}, {"b", 50}});
  round({{"a", 10}, {"b", 60}});
  const json::object report = shown();
  const json::array& largest = report.at("largest").as_array();
  ASSERT_EQ(largest.size(), 2U);
  EXPECT_EQ(largest[0].at("series").as_string(), kOfA);
  EXPECT_EQ(largest[0].at("peak"), 100.0);
  EXPECT_EQ(largest[0].at("last"), 10.0);
}

TEST_F(ReportHistoryTest, AddressSpaceIsNoUseOfMemory) {
  static constexpr std::array<std::string_view, 2> kLabels = {"groupname", "memtype"};
  constexpr Family kGroup{"namedprocess_namegroup_memory_bytes", Kind::gauge, "", "", kLabels};
  Block block;
  BlockSink sink(block);
  sink.add(kGroup, {"g", "virtual"}, 1000);
  sink.add(kGroup, {"g", "resident"}, 10);
  block.finish();
  history_.observe("process_groups", block, now_);
  const json::object report = shown();
  const json::array& largest = report.at("largest").as_array();
  ASSERT_EQ(largest.size(), 1U);
  EXPECT_EQ(largest[0].at("peak"), 10.0);
}

TEST_F(ReportHistoryTest, WithoutASpanNothingIsTold) {
  round({{"a", 1}});
  EXPECT_TRUE(shown(1, 0s).at("history").as_array().empty());
}

}  // namespace
}  // namespace vitalsd
