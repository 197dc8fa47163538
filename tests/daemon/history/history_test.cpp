#include "daemon/history/history.h"

#include <gmock/gmock.h>

#include <random>

#include "core/collector.h"
#include "tests/daemon/history/history_fixture.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(HistoryTest, KeepsWhatRegistrationsNameAlone) {
  round({{"a", 5}});
  EXPECT_THAT(values("a"), ElementsAre(5));
  EXPECT_FALSE(view("a", "vitalsd_target_pid"));
}

TEST_F(HistoryTest, KeepsWhatTheConfigurationNamesToo) {
  for (const auto* name : {"vitalsd_target_pid", "vitalsd_target_p*"}) {
    history_.configure({.window = 10s, .most_bytes = 1 << 20, .families = {name}});
    round({{"a", 5}});
    EXPECT_TRUE(view("a", "vitalsd_target_pid")) << name;
    EXPECT_THAT(values("a"), ElementsAre(5));
  }
}

TEST_F(HistoryTest, EachOfItsFamiliesIsItsCollectorsOwn) {
  for (const CollectorSpec& spec : registered_collectors()) {
    for (const Family* family : spec.remembered) {
      EXPECT_TRUE(std::ranges::find(spec.families, family->name, &Family::name) != spec.families.end()) << family->name;
    }
  }
}

TEST_F(HistoryTest, SamplesHaveTheTimesOfTheirRounds) {
  for (const double value : {1.0, 2.0, 3.0, 4.0}) round({{"a", value}});
  EXPECT_THAT(values("a", now_ - 2s, now_ - 1s), ElementsAre(2, 3)) << "both ends belong to it";
  Points points = view("a")->points(now_, now_);
  ASSERT_TRUE(points.next());
  EXPECT_EQ(points.at(), now_);
  EXPECT_FALSE(points.next());
}

TEST_F(HistoryTest, TimesMayBeEqualAndUneven) {
  std::vector<History::Time> times;
  for (const auto after : {0ms, 0ms, 1ms, 999ms, 3600000ms, 0ms, 17ms}) {
    round({{"a", 1}}, kResident, after);
    times.push_back(now_);
  }
  std::vector<History::Time> read;
  for (Points points = view("a")->points({}, History::Time::max()); points.next();) read.push_back(points.at());
  EXPECT_THAT(read, testing::ElementsAreArray(times.end() - static_cast<std::ptrdiff_t>(read.size()), times.end()));
  EXPECT_GE(read.size(), 3U);
}

TEST_F(HistoryTest, WhatWasNotThereHasNoSample) {
  round({{"a", 1}, {"b", 2}});
  round({{"b", 3}});
  round({{"b", 4}, {"a", 5}});
  EXPECT_THAT(values("a"), ElementsAre(1, 5));
  EXPECT_THAT(values("b"), ElementsAre(2, 3, 4));
}

TEST_F(HistoryTest, OfTheSameSeriesTwiceTheFirstHolds) {
  round({{"a", 1}, {"a", 2}});
  round({{"a", 3}, {"a", 4}});
  EXPECT_THAT(values("a"), ElementsAre(1, 3));
}

TEST_F(HistoryTest, IsBoundedInTime) {
  for (int i = 0; i < 2000; ++i) round({{"a", static_cast<double>(i)}});
  const auto all = values("a");
  EXPECT_GE(all.size(), 10U);
  EXPECT_EQ(all.back(), 1999);
  EXPECT_LE(history_.bytes(), 20 * sizeof(Chunk)) << "what is older went";
}

TEST_F(HistoryTest, SeriesThatEndedGo) {
  round({{"gone", 1}});
  for (int i = 0; i < 15; ++i) round({{"a", 1}});
  EXPECT_FALSE(view("gone"));
  EXPECT_EQ(history_.series(), 1U);
}

TEST_F(HistoryTest, WhereRoomIsMissingTheOldestGoes) {
  history_.configure({.window = 1h, .most_bytes = 64 * 1024, .families = {}});
  std::mt19937_64 random(3);
  for (int i = 0; i < 10'000; ++i) round({{"a", static_cast<double>(random()) / 7}, {"b", static_cast<double>(i)}});
  EXPECT_LE(history_.bytes(), 64U * 1024);
  EXPECT_GT(history_.bytes(), 40U * 1024);
  const auto all = values("b");
  EXPECT_EQ(all.back(), 9999);
  EXPECT_GT(all.front(), 0);
  EXPECT_EQ(history_.left_out(), 0U);
}

TEST_F(HistoryTest, ChurnIsBounded) {
  history_.configure({.window = 1h, .most_bytes = 64 * 1024, .families = {}});
  for (int i = 0; i < 5000; ++i) {
    const std::string name = "x" + std::to_string(i);
    round({{name, 1}, {"stays", static_cast<double>(i)}});
    ASSERT_LE(history_.bytes(), 64U * 1024);
  }
  EXPECT_EQ(values("stays").back(), 4999);
  EXPECT_EQ(values("x4999").size(), 1U);
}

TEST_F(HistoryTest, GoesOnWhereAFewRoundsTakeAllThereIs) {
  history_.configure({.window = 1h, .most_bytes = 64 * 1024, .families = {}});
  for (int i = 0; i < 500; ++i) {
    Block block;
    BlockSink sink(block);
    for (int s = 0; s < 100; ++s) sink.add(kUp, {std::to_string(i * 100 + s)}, 1);
    block.finish();
    history_.observe("targets", block, now_ += 1s);
    ASSERT_LE(history_.bytes(), 64U * 1024);
  }
  std::size_t newest = 0;
  history_.each_series([&](const SeriesView& series) { newest += series.points(now_ - 64s, now_).next() ? 1 : 0; });
  EXPECT_GT(newest, 100U);
}

TEST_F(HistoryTest, SaysWhatFindsNoRoom) {
  history_.configure({.window = 1h, .most_bytes = 64 * 1024, .families = {}});
  Block block;
  BlockSink sink(block);
  for (int i = 0; i < 5000; ++i) sink.add(kUp, {"x" + std::to_string(i)}, 1);
  block.finish();
  history_.observe("targets", block, now_ += 1s);
  EXPECT_GT(history_.left_out(), 1000U);
  EXPECT_GT(history_.series(), 100U);
  EXPECT_LE(history_.bytes(), 64U * 1024);
}

TEST_F(HistoryTest, AForgottenCollectorLeavesNothing) {
  round({{"a", 1}});
  history_.forget("targets");
  EXPECT_EQ(history_.series(), 0U);
  EXPECT_EQ(history_.bytes(), 0U);
  round({{"a", 2}});
  EXPECT_THAT(values("a"), ElementsAre(2));
}

TEST_F(HistoryTest, WithoutAWindowNothingIsKept) {
  history_.configure({.window = 0s, .most_bytes = 1 << 20, .families = {}});
  round({{"a", 1}});
  EXPECT_EQ(history_.series(), 0U);
}

TEST_F(HistoryTest, TheSameSettingsKeepWhatThereIs) {
  round({{"a", 1}});
  history_.configure({.window = 10s, .most_bytes = 1 << 20, .families = {}});
  EXPECT_THAT(values("a"), ElementsAre(1));
}

TEST_F(HistoryTest, ManyWalksAreReadBackAsTheyWere) {
  history_.configure({.window = 1h, .most_bytes = 8 << 20, .families = {}});
  std::mt19937_64 random(5);
  std::map<std::string, std::vector<double>> expected;
  for (int i = 0; i < 400; ++i) {
    Block block;
    BlockSink sink(block);
    for (int s = 0; s < 30; ++s) {
      if (random() % 4 == 0) continue;
      const std::string name = "s" + std::to_string(s);
      const double value = s % 3 == 0 ? static_cast<double>(random()) / 3 : static_cast<double>(random() % 1000) / 100;
      sink.add(kResident, {name}, value);
      expected[name].push_back(value);
    }
    block.finish();
    history_.observe("targets", block, now_ += std::chrono::milliseconds(900 + random() % 200));
  }
  for (const auto& [name, all] : expected) EXPECT_EQ(values(name), all) << name;
}

}  // namespace
}  // namespace vitalsd
