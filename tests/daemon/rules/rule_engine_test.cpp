// Rules over published blocks and a history, with a clock that the test moves.
#include "daemon/rules/rule_engine.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json.hpp>
#include <filesystem>

#include "daemon/config/rule_files.h"
#include "daemon/rules/rule_memory.h"
#include "daemon/web/rules_api.h"
#include "tests/fakes/fake_clock.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::array<std::string_view, 1> kDevice = {"device"};
constexpr Family kFree{"test_free_bytes", Kind::gauge, "", "", kDevice};
constexpr Family kRead{"test_read_bytes_total", Kind::counter, "", "", kDevice};
constexpr Family kTook{"test_took_seconds", Kind::histogram, ""};

constexpr std::string_view kRules = R"(groups:
- name: disks
  interval: 15s
  rules:
  - {record: "device:free:min", expr: min by (device) (test_free_bytes), labels: {source: here}}
  - alert: Full
    expr: device:free:min < 10
    for: 30s
    affects: health
    annotations: {summary: "{{ $labels.device }} has {{ $value }}"}
  - {alert: Busy, expr: "rate(test_read_bytes_total[1m]) > 5", affects: ready, keep_firing_for: 1m}
)";

class RuleEngineTest : public testing::Test {
 protected:
  RuleEngineTest() {
    config_.rules.interval = 15s;
    use(kRules);
  }
  void use(std::string_view text) {
    auto book = std::make_shared<rules::RuleBook>();
    conf::Faults faults;
    conf::read_rule_file("rules.yml", text, config_.rules.interval, *book, faults);
    ASSERT_EQ(faults.count(), 0U) << faults.sorted()[0].message;
    HistorySettings settings{.window = 10min, .most_bytes = 1 << 20, .families = {}};
    for (const auto& [family, range] : book->ranges()) settings.families.push_back(family);
    history_.configure(settings);
    engine_.configure(config_, book);
  }
  void publish(double free, double read) {
    auto block = std::make_shared<Block>();
    BlockSink sink(*block);
    sink.add(kFree, {"sda"}, free);
    sink.add(kRead, {"sda"}, read);
    sink.add(kTook, kNoLabels, 3, Part::count);
    block->finish();
    store_.publish("disks", block);
    history_.observe("disks", *block, clock_.steady());
  }
  // Publishes, and evaluates all groups, and lets 15 seconds pass.
  void round(double free, double read) {
    publish(free, read);
    for (const auto& group : engine_.groups().all()) engine_.evaluate(*group);
    clock_.advance(15s);
  }
  std::optional<double> shown(std::string_view family, std::string_view labels) {
    const Block* block = store_.find(kRulesBlock);
    return block == nullptr ? std::nullopt : find_value(*block, family, labels);
  }
  const RuleState& rule(std::size_t index) { return engine_.groups().all()[0]->rules[index]; }

  FakeClock clock_;
  Log log_{"error", "logfmt"};
  boost::asio::io_context loop_;
  Pool pool_{1};
  Store store_;
  History history_;
  Config config_;
  RuleEngine engine_{loop_, pool_, store_, history_, clock_, log_, {}};
};

TEST_F(RuleEngineTest, AlertsShowAsPrometheusHasThem) {
  round(5, 0);
  constexpr std::string_view kPending = R"(alertname="Full",alertstate="pending",device="sda",source="here")";
  constexpr std::string_view kFiring = R"(alertname="Full",alertstate="firing",device="sda",source="here")";
  EXPECT_EQ(shown("ALERTS", kPending), 1);
  EXPECT_EQ(shown("vitalsd_rule_active", R"(rule="Full")"), 0);
  round(5, 0);
  round(5, 0);
  EXPECT_EQ(shown("ALERTS", kPending), std::nullopt);
  EXPECT_EQ(shown("ALERTS", kFiring), 1);
  EXPECT_EQ(shown("ALERTS_FOR_STATE", R"(alertname="Full",device="sda",source="here")"), 1'700'000'000);
  EXPECT_EQ(shown("vitalsd_rule_active", R"(rule="Full")"), 1);
  EXPECT_EQ(shown("vitalsd_rule_evaluations_total", R"(rule_group="rules.yml;disks")"), 9);
  EXPECT_THAT(engine_.failing(rules::Affects::health), ElementsAre("Full"));
  round(50, 0);
  EXPECT_EQ(shown("ALERTS", kFiring), std::nullopt);
  EXPECT_TRUE(engine_.failing(rules::Affects::health).empty());
}

TEST_F(RuleEngineTest, RecordedValuesAreSeenByLaterRules) {
  round(5, 0);
  EXPECT_EQ(shown("device:free:min", R"(device="sda",source="here")"), 5);
  EXPECT_EQ(rule(1).alerts.count(Alert::State::pending), 1U) << "in the same round";
}

TEST_F(RuleEngineTest, ASeriesOfTwoRulesComesOutOnce) {
  use("groups: [{name: g, rules: [{record: 'd:x', expr: '1'}, {record: 'd:x', expr: '2'}, {alert: A, expr: "
      "'vector(1)'}, "
      "{alert: A, expr: 'vector(2)'}]}]");
  round(5, 0);
  const Block* block = store_.find(kRulesBlock);
  ASSERT_NE(block, nullptr);
  std::map<std::string_view, std::size_t> samples;
  for (const Block::Group& group : block->groups()) samples[group.family->name] = block->samples(group).size();
  EXPECT_EQ(samples["d:x"], 1U);
  EXPECT_EQ(shown("d:x", ""), 1);
  EXPECT_EQ(samples["ALERTS"], 1U);
  EXPECT_EQ(samples["ALERTS_FOR_STATE"], 1U);
}

TEST_F(RuleEngineTest, TheWorkOfAnExpressionIsBounded) {
  std::string expression = "test_free_bytes";
  for (int i = 0; i < 20; ++i) expression += " * 1";
  use("groups: [{name: g, rules: [{record: 'd:x', expr: '" + expression + "'}]}]");
  auto block = std::make_shared<Block>();
  BlockSink sink(*block);
  for (int i = 0; i < 10'000; ++i) sink.add(kFree, {std::to_string(i)}, i);
  block->finish();
  store_.publish("disks", block);
  for (const auto& group : engine_.groups().all()) engine_.evaluate(*group);
  EXPECT_EQ(shown("d:x", R"(device="1")"), std::nullopt);
  EXPECT_EQ(shown("vitalsd_rule_evaluation_failures_total", R"(rule_group="rules.yml;g")"), 1);
}

TEST_F(RuleEngineTest, RangesAreReadFromTheHistory) {
  for (int i = 0; i < 5; ++i) round(50, 100.0 * i);
  ASSERT_EQ(rule(2).alerts.count(Alert::State::firing), 1U);
  EXPECT_NEAR(rule(2).alerts.alerts().begin()->second.value, 100.0 / 15, 0.01);
  EXPECT_THAT(engine_.failing(rules::Affects::ready), ElementsAre("Busy"));
}

TEST_F(RuleEngineTest, WhatIsNoLongerPublishedIsGone) {
  round(5, 0);
  store_.withdraw("disks");
  for (const auto& group : engine_.groups().all()) engine_.evaluate(*group);
  EXPECT_TRUE(rule(1).alerts.alerts().empty());
}

TEST_F(RuleEngineTest, HistogramsHaveTheirSeries) {
  use("groups: [{name: g, rules: [{alert: A, expr: test_took_seconds_count == 3}, {alert: B, expr: "
      "test_took_seconds}]}]");
  round(5, 0);
  EXPECT_EQ(rule(0).alerts.count(Alert::State::firing), 1U);
  EXPECT_TRUE(rule(1).alerts.alerts().empty());
}

TEST_F(RuleEngineTest, TheHistoryKeepsSeriesOfHistograms) {
  use("groups: [{name: g, rules: [{alert: A, expr: 'count_over_time(test_took_seconds_count[1m]) == 3'}]}]");
  for (int i = 0; i < 3; ++i) round(5, 0);
  EXPECT_EQ(rule(0).alerts.count(Alert::State::firing), 1U);
}

TEST_F(RuleEngineTest, ConfiguredLabelsAreThoseOfEverySeries) {
  config_.rules.labels = {{"device", "other"}, {"job", "node"}};
  use(R"(groups: [{name: g, rules: [{alert: A, expr: 'test_free_bytes{job="node",device="sda"}'}]}])");
  round(5, 0);
  EXPECT_EQ(shown("ALERTS", R"(alertname="A",alertstate="firing",device="sda",job="node")"), 1);
}

TEST_F(RuleEngineTest, AFailureIsCountedAndChangesNoAlert) {
  use(R"(groups: [{name: g, limit: 1, rules: [{alert: A, expr: '{__name__=~"test_.*"} > 4'}]}])");
  round(5, 0);
  EXPECT_EQ(rule(0).alerts.count(Alert::State::firing), 1U);
  round(5, 5);
  EXPECT_THAT(rule(0).error, HasSubstr("more than the limit of 1"));
  EXPECT_EQ(rule(0).alerts.count(Alert::State::firing), 1U);
  EXPECT_EQ(shown("vitalsd_rule_evaluation_failures_total", R"(rule_group="rules.yml;g")"), 1);
}

TEST_F(RuleEngineTest, AReloadKeepsTheAlertsOfTheSameRules) {
  round(5, 0);
  use(kRules);
  round(5, 0);
  round(5, 0);
  EXPECT_EQ(rule(1).alerts.count(Alert::State::firing), 1U) << "since the time before";
  use(R"(groups: [{name: disks, rules: [{alert: Full, expr: test_free_bytes < 7, for: 1m}]}])");
  EXPECT_TRUE(rule(0).alerts.alerts().empty());
}

TEST_F(RuleEngineTest, SavedAlertsComeBack) {
  for (int i = 0; i < 3; ++i) round(5, 0);
  constexpr std::int64_t kNow = 1'700'000'045'000;
  const std::string saved = saved_alerts(engine_.groups(), kNow);
  use(R"(groups: [{name: other}])");
  use(kRules);
  ASSERT_TRUE(restore_alerts(saved, engine_.groups(), kNow + 10'000));
  EXPECT_EQ(rule(1).alerts.count(Alert::State::firing), 1U);
  const Alert& alert = rule(1).alerts.alerts().begin()->second;
  EXPECT_EQ(alert.active_at, 1'700'000'000'000);
  EXPECT_EQ(alert.annotations[0].second, "sda has 5");
}

TEST_F(RuleEngineTest, OldOrBrokenStateIsNotUsed) {
  for (int i = 0; i < 3; ++i) round(5, 0);
  constexpr std::int64_t kNow = 1'700'000'045'000;
  const std::string saved = saved_alerts(engine_.groups(), kNow);
  use(R"(groups: [{name: other}])");
  use(kRules);
  EXPECT_TRUE(restore_alerts(saved, engine_.groups(), kNow + 3'601'000));
  EXPECT_TRUE(rule(1).alerts.alerts().empty());
  for (std::size_t size = 0; size < saved.size(); size += 7) {
    EXPECT_FALSE(restore_alerts(saved.substr(0, size), engine_.groups(), kNow)) << size;
  }
  EXPECT_TRUE(rule(1).alerts.alerts().empty());
}

TEST_F(RuleEngineTest, TheApiHasPrometheusShape) {
  for (int i = 0; i < 3; ++i) round(5, 0);
  const auto rules = json::parse(*answer_rules(engine_.groups()).body);
  EXPECT_EQ(rules.at("status"), "success");
  const auto& group = rules.at("data").at("groups").at(0);
  EXPECT_EQ(group.at("name"), "disks");
  EXPECT_EQ(group.at("interval").to_number<double>(), 15);
  EXPECT_EQ(group.at("rules").at(0).at("type"), "recording");
  const auto& full = group.at("rules").at(1);
  EXPECT_EQ(full.at("state"), "firing");
  EXPECT_EQ(full.at("duration").to_number<double>(), 30);
  EXPECT_EQ(full.at("health"), "ok");
  EXPECT_EQ(full.at("annotations").at("summary"), "{{ $labels.device }} has {{ $value }}");
  const auto alerts = json::parse(*answer_alerts(engine_.groups()).body);
  const auto& alert = alerts.at("data").at("alerts").at(0);
  EXPECT_EQ(alert.at("labels").at("alertname"), "Full");
  EXPECT_EQ(alert.at("annotations").at("summary"), "sda has 5");
  EXPECT_EQ(alert.at("activeAt"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(alert.at("value"), "5e+00");
}

}  // namespace
}  // namespace vitalsd
