#include "daemon/rules/alert_state.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

using namespace std::chrono_literals;
using rules::LabelSet;
using State = Alert::State;

class AlertStateTest : public testing::Test {
 protected:
  AlertStateTest() {
    rule_.name = "Hot";
    rule_.hold = 60s;
    rule_.labels.emplace_back("severity", *rules::parse_template("page"));
    rule_.annotations.emplace_back("summary", *rules::parse_template("{{ $labels.sensor }} has {{ $value }}"));
  }
  // An evaluation that finds these sensors.
  void find(std::initializer_list<std::string_view> sensors, std::int64_t second, std::int64_t settled = 0) {
    rules::InstantVector result;
    for (const auto sensor : sensors) {
      result.push_back({LabelSet("temperature", "sensor=\"" + std::string(sensor) + "\""), 30});
    }
    const auto updated = state_.update(rule_, result, second * 1000, settled * 1000);
    ASSERT_TRUE(updated) << updated.error();
  }
  const Alert* alert(std::string_view sensor) {
    const auto found = state_.alerts().find(
        LabelSet("", "alertname=\"Hot\",sensor=\"" + std::string(sensor) + "\",severity=\"page\""));
    return found == state_.alerts().end() ? nullptr : &found->second;
  }

  rules::Rule rule_;
  AlertState state_;
};

TEST_F(AlertStateTest, IsPendingUntilItsTimeIsOver) {
  find({"a"}, 1000);
  ASSERT_NE(alert("a"), nullptr);
  EXPECT_EQ(alert("a")->state, State::pending);
  EXPECT_EQ(alert("a")->annotations[0].second, "a has 30");
  find({"a"}, 1059);
  EXPECT_EQ(alert("a")->state, State::pending);
  find({"a"}, 1060);
  EXPECT_EQ(alert("a")->state, State::firing);
  EXPECT_EQ(alert("a")->active_at, 1'000'000);
  EXPECT_EQ(alert("a")->fired_at, 1'060'000);
}

TEST_F(AlertStateTest, APendingOneThatEndsIsGone) {
  find({"a"}, 1000);
  find({}, 1030);
  EXPECT_EQ(alert("a"), nullptr);
  find({"a"}, 1060);
  EXPECT_EQ(alert("a")->state, State::pending) << "its time begins anew";
}

TEST_F(AlertStateTest, WithoutForItFiresAtOnce) {
  rule_.hold = 0s;
  find({"a", "b"}, 1000);
  EXPECT_EQ(state_.count(State::firing), 2U);
}

TEST_F(AlertStateTest, AResolvedOneStaysForAWhile) {
  rule_.hold = 0s;
  find({"a"}, 1000);
  find({}, 1010);
  ASSERT_NE(alert("a"), nullptr);
  EXPECT_EQ(alert("a")->state, State::resolved);
  EXPECT_EQ(alert("a")->resolved_at, 1'010'000);
  find({}, 1010 + 901);
  EXPECT_EQ(alert("a"), nullptr);
}

TEST_F(AlertStateTest, KeepsFiringForItsTime) {
  rule_.hold = 0s;
  rule_.keep_firing = 60s;
  find({"a"}, 1000);
  find({}, 1010);
  EXPECT_EQ(alert("a")->state, State::firing);
  find({"a"}, 1020);
  find({}, 1030);
  find({}, 1089);
  EXPECT_EQ(alert("a")->state, State::firing) << "the time began anew";
  find({}, 1090);
  EXPECT_EQ(alert("a")->state, State::resolved);
}

TEST_F(AlertStateTest, TwoResultsOfOneAlertAreAnError) {
  rules::InstantVector result = {{LabelSet("x", ""), 1}, {LabelSet("y", ""), 2}};
  find({"a"}, 1000);
  EXPECT_FALSE(state_.update(rule_, result, 1'010'000, 0));
  EXPECT_NE(alert("a"), nullptr) << "all is as it was";
}

TEST_F(AlertStateTest, ARestoredOneWaitsForTheHistory) {
  const LabelSet labels("", R"(alertname="Hot",sensor="a",severity="page")");
  state_.restore(labels, {.state = State::firing, .active_at = 900'000, .fired_at = 960'000}, 1'000'000, 1'100'000);
  find({}, 1110, 1200);
  EXPECT_EQ(alert("a")->state, State::firing);
  find({}, 1200, 1200);
  EXPECT_EQ(alert("a")->state, State::resolved);
}

TEST_F(AlertStateTest, ARestoredPendingOneMissesTheTimeBetween) {
  const LabelSet labels("", R"(alertname="Hot",sensor="a",severity="page")");
  state_.restore(labels, {.state = State::pending, .active_at = 970'000}, 1'000'000, 1'500'000);
  find({"a"}, 1501);
  EXPECT_EQ(alert("a")->state, State::pending);
  EXPECT_EQ(alert("a")->active_at, 1'470'000) << "30 s were over when it was saved";
  find({"a"}, 1530);
  EXPECT_EQ(alert("a")->state, State::firing);
}

}  // namespace
}  // namespace vitalsd
