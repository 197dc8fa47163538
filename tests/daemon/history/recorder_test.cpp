#include "daemon/history/recorder.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "core/collector.h"
#include "core/sink.h"

namespace vitalsd {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::array<std::string_view, 1> kTarget = {"target"};
constexpr Family kUp{"vitalsd_target_up", Kind::gauge, "", "", kTarget};
constexpr Family kResident{"vitalsd_target_resident_bytes", Kind::gauge, "", "", kTarget};
constexpr Family kOther{"vitalsd_target_pid", Kind::gauge, "", "", kTarget};

class RecorderTest : public testing::Test {
 protected:
  RecorderTest() { recorder_.configure(10s); }

  // One round a second: each target with its resident memory.
  void round(std::initializer_list<std::pair<std::string_view, double>> targets) {
    Block block;
    BlockSink sink(block);
    for (const auto& [name, bytes] : targets) {
      sink.add(kUp, {name}, 1);
      sink.add(kResident, {name}, bytes);
      sink.add(kOther, {name}, 7);
    }
    block.finish();
    recorder_.observe("targets", block, 1s, now_ += 1s);
  }
  json::object freeze(std::size_t stride = 1) const { return recorder_.freeze(now_, stride); }
  static const json::array* values(const json::object& frozen, std::string_view series) {
    for (const auto& collector : frozen.at("history").as_array()) {
      for (const auto& each : collector.at("series").as_array()) {
        if (each.at("series").as_string() == series) return &each.at("values").as_array();
      }
    }
    return nullptr;
  }

  Recorder recorder_;
  Recorder::Time now_{1000s};
};

constexpr std::string_view kOfA = "vitalsd_target_resident_bytes{target=\"a\"}";

TEST_F(RecorderTest, RemembersTheFamiliesOfItsListAlone) {
  round({{"a", 5}});
  EXPECT_TRUE(values(freeze(), kOfA));
  EXPECT_FALSE(values(freeze(), "vitalsd_target_pid{target=\"a\"}"));
}

TEST_F(RecorderTest, EachOfItsFamiliesIsSomeCollectors) {
  std::set<std::string_view> known;
  for (const CollectorSpec& spec : registered_collectors()) {
    for (const Family* family : spec.families) known.insert(family->name);
  }
  // Families that are made from what /proc/meminfo and /proc/vmstat hold are in no table.
  for (const std::string_view name : Recorder::families()) {
    const bool dynamic = name.starts_with("node_memory_") || name.starts_with("node_vmstat_");
    EXPECT_TRUE(dynamic || known.contains(name)) << name;
  }
}

TEST_F(RecorderTest, ForgetsWhatIsOlderThanItsHistory) {
  for (int i = 0; i < 30; ++i) round({{"a", static_cast<double>(i)}});
  const json::object frozen = freeze();
  const json::array& all = *values(frozen, kOfA);
  ASSERT_EQ(all.size(), 11U);
  EXPECT_EQ(all.front(), 19.0);
  EXPECT_EQ(all.back(), 29.0);
  const json::array& times = frozen.at("history").at(0).at("seconds").as_array();
  EXPECT_EQ(times.front(), -10.0);
  EXPECT_EQ(times.back(), 0.0);
}

TEST_F(RecorderTest, WhatWasNotThereIsNull) {
  round({{"a", 1}, {"b", 2}});
  round({{"b", 3}});
  round({{"b", 4}, {"a", 5}});
  const json::object frozen = freeze();
  EXPECT_EQ(*values(frozen, kOfA), (json::array{1.0, nullptr, 5.0}));
  EXPECT_EQ(*values(frozen, "vitalsd_target_resident_bytes{target=\"b\"}"), (json::array{2.0, 3.0, 4.0}));
}

TEST_F(RecorderTest, ThinsFromTheNewest) {
  for (int i = 0; i < 5; ++i) round({{"a", static_cast<double>(i)}});
  EXPECT_EQ(*values(freeze(2), kOfA), (json::array{0.0, 2.0, 4.0}));
}

TEST_F(RecorderTest, TellsTheLargestByPeak) {
  round({{"a", 100}, {"b", 50}});
  round({{"a", 10}, {"b", 60}});
  const json::object frozen = freeze();
  const json::array& largest = frozen.at("largest").as_array();
  ASSERT_EQ(largest.size(), 2U);
  EXPECT_EQ(largest[0].at("series").as_string(), kOfA);
  EXPECT_EQ(largest[0].at("peak"), 100.0);
  EXPECT_EQ(largest[0].at("last"), 10.0);
}

TEST_F(RecorderTest, IsBoundedAndSaysWhatIsLeftOut) {
  const std::size_t points = 11, fit = Recorder::kMostValues / points;
  for (std::size_t i = 0; i < fit; ++i) {  // each gone in the next round: all but the last few are dropped when needed
    Block block;
    BlockSink sink(block);
    sink.add(kUp, {std::to_string(i)}, 1);
    block.finish();
    recorder_.observe("targets", block, 1s, now_ += 1s);
  }
  round({{"a", 1}, {"b", 2}});
  EXPECT_TRUE(values(freeze(), kOfA));
  EXPECT_EQ(freeze().at("series_left_out"), 0U);

  Block block;
  BlockSink sink(block);
  for (std::size_t i = 0; i < fit + 5; ++i) sink.add(kUp, {"x" + std::to_string(i)}, 1);
  block.finish();
  recorder_.observe("targets", block, 1s, now_ += 1s);
  EXPECT_GE(freeze().at("series_left_out").as_uint64(), 5U);
}

TEST_F(RecorderTest, WithoutHistoryNothingIsKept) {
  recorder_.configure(0s);
  round({{"a", 1}});
  EXPECT_TRUE(freeze().at("history").as_array().empty());
}

}  // namespace
}  // namespace vitalsd
