#include "daemon/web/history_api.h"

#include <boost/json.hpp>

#include "tests/daemon/history/history_fixture.h"
#include "tests/fakes/fake_clock.h"

namespace vitalsd {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class HistoryApiTest : public HistoryTest {
 protected:
  void SetUp() override {
    now_ = clock_.steady();
    const auto begin = now_;
    for (const double value : {1.0, 2.0, 3.0, 5.25}) round({{"a", value}, {"b\"", 7}});
    clock_.advance(now_ - begin);
    for (const double value : {0.0, 2.0}) round({{"a", value}}, kCpu, 0s);
  }
  http::Response ask(std::string_view query) { return answer_history(history_, clock_, query); }
  json::value data(std::string_view query) {
    const auto response = ask(query);
    EXPECT_EQ(response.status, 200U) << *response.body;
    return json::parse(*response.body).at("data");
  }
  static json::value numbers(std::string_view text) { return json::parse(text); }
  // Seconds since the epoch, as the clock is set now.
  double unix_now() const { return unix_seconds(clock_.now()); }

  FakeClock clock_;
};

TEST_F(HistoryApiTest, EachStepHasLeastMeanAndMost) {
  const auto found = data("match=vitalsd_target_resident_bytes{target=\"a\"}&from=-4&step=2s");
  EXPECT_EQ(found.at("to").to_number<double>(), unix_now());
  EXPECT_EQ(found.at("step").to_number<double>(), 2);
  const auto& all = found.at("series").as_array();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].at("name"), "vitalsd_target_resident_bytes");
  EXPECT_EQ(all[0].at("labels"), (json::object{{"target", "a"}}));
  EXPECT_EQ(all[0].at("type"), "gauge");
  EXPECT_EQ(all[0].at("collector"), "targets");
  const auto& points = all[0].at("points").as_array();
  ASSERT_EQ(points.size(), 2U);
  const std::vector<std::vector<double>> expected = {{unix_now() - 2, 1, 1.5, 2}, {unix_now(), 3, 4.125, 5.25}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(points[i].at(k).to_number<double>(), expected[i][k]) << i << k;
  }
}

TEST_F(HistoryApiTest, AStepBeyondAllTimeIsTheWholeSpan) {
  for (const char* query :
       {"match=vitalsd_target_resident_bytes&step=9223372036s", "match={target=\"a\"}&rate=true&step=9223372036s",
        "match=vitalsd_target_resident_bytes&by=target&from=-60&step=9223372036s"}) {
    const auto found = data(query);
    ASSERT_FALSE(found.at("series").as_array().empty()) << query;
    for (const auto& series : found.at("series").as_array()) {
      EXPECT_LE(series.at("points").as_array().size(), 1U) << query;
    }
  }
}

TEST_F(HistoryApiTest, TimesMayBeOfTheEpoch) {
  const std::string from = std::to_string(static_cast<long>(unix_now()) - 1);
  const auto found = data("match={target=\"a\"}&from=" + from + "&step=1s");
  EXPECT_EQ(found.at("from").to_number<double>(), static_cast<double>(static_cast<long>(unix_now()) - 1));
  EXPECT_EQ(found.at("series").as_array().size(), 2U);
}

TEST_F(HistoryApiTest, ItsNumbersArePlain) {
  EXPECT_NE(ask("match={target=\"a\"}&from=-4&step=2s").body->find(",3,4.125,5.25]"), std::string::npos);
}

TEST_F(HistoryApiTest, SeriesThatAgreeInTheirLabelsAreAddedUp) {
  const auto all = data("match=vitalsd_target_resident_bytes&from=-1&step=1s&by=").at("series").as_array();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].at("labels"), json::object{});
  EXPECT_EQ(all[0].at("points").at(0).at(3).to_number<double>(), 12.25);
  const auto each = data("match=vitalsd_target_resident_bytes&by=mode&by=target").at("series").as_array();
  ASSERT_EQ(each.size(), 2U);
  EXPECT_EQ(each[1].at("labels"), (json::object{{"target", "b\""}}));
  EXPECT_EQ(data("match={target=\"a\"}&by=").at("series").as_array().size(), 2U) << "two families are never one";
}

TEST_F(HistoryApiTest, ARateHasTheLeastAndMostOfItsStep) {
  for (const double value : {3.0, 8.0}) round({{"a", value}}, kCpu);
  clock_.advance(2s);
  const auto found = data("match=vitalsd_target_cpu_seconds_total&rate=true&from=-2&step=2s").at("series").at(0);
  const auto& points = found.at("points").as_array();
  ASSERT_EQ(points.size(), 1U);
  for (const auto& [place, rate] : {std::pair{1, 1.0}, {2, 3.0}, {3, 5.0}}) {
    EXPECT_EQ(points[0].at(static_cast<std::size_t>(place)).to_number<double>(), rate);
  }
}

TEST_F(HistoryApiTest, LabelsComeWithoutTheirEscapes) {
  const auto found = data("match={target=\"b\\\"\"}");
  ASSERT_EQ(found.at("series").as_array().size(), 1U);
  EXPECT_EQ(found.at("series").at(0).at("labels"), (json::object{{"target", "b\""}}));
}

TEST_F(HistoryApiTest, WhatIsNotUnderstoodIsRefused) {
  for (const auto* query :
       {"", "match=", "match={", "match=a&match=b", "match=a&from=x", "match=a&from=1e999", "match=a&to=nan",
        "match=a&step=0s", "match=a&step=1", "match=a&rate=yes", "match=a&from=1&from=2", "match=%zz",
        "match=a&by=1&by=2&by=3&by=4&by=5&by=6&by=7&by=8&by=9"}) {
    EXPECT_EQ(ask(query).status, 400U) << query;
  }
}

TEST_F(HistoryApiTest, TooMuchForOneAnswerIsRefused) {
  EXPECT_EQ(ask("match={target=\"a\"}&step=2ms").status, 200U);
  history_.configure({.window = 24h, .most_bytes = 8 << 20, .families = {}});
  Block block;
  BlockSink sink(block);
  for (std::size_t i = 0; i <= HistoryLimits::kSeries; ++i) sink.add(kUp, {std::to_string(i)}, 1);
  block.finish();
  history_.observe("targets", block, now_);
  EXPECT_EQ(ask("match=vitalsd_target_up").status, 422U);
  EXPECT_EQ(ask("match={target=\"1\"}").status, 200U);
  EXPECT_EQ(ask("match={target=\"1\"}&step=1s").status, 422U);
}

TEST_F(HistoryApiTest, BeyondTheWindowThereIsNothing) {
  EXPECT_EQ(data("match={target=\"a\"}&from=-100000&to=-90000").at("series").as_array().size(), 0U);
  EXPECT_EQ(data("match={target=\"a\"}&from=99999999999").at("series").as_array().size(), 0U);
  EXPECT_EQ(data("match={target=\"nobody\"}").at("series").as_array().size(), 0U);
}

TEST_F(HistoryApiTest, SeriesAreListed) {
  const auto response = answer_series(history_, "match=vitalsd_target_resident_bytes");
  const auto found = json::parse(*response.body).at("data");
  ASSERT_EQ(found.at("series").as_array().size(), 2U);
  EXPECT_EQ(found.at("series").at(0).at("samples").to_number<int>(), 4);
  EXPECT_EQ(json::parse(*answer_series(history_, "").body).at("data").at("series").as_array().size(), 3U);
  EXPECT_EQ(answer_series(history_, "match={").status, 400U);
}

}  // namespace
}  // namespace vitalsd
