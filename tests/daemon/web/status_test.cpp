#include "daemon/web/status.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include "core/sink.h"
#include "tests/fakes/fake_clock.h"

namespace vitalsd {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::array<std::string_view, 2> kCpuLabels = {"cpu", "mode"};
constexpr std::array<std::string_view, 1> kDevice = {"device"};
constexpr Family kLoad{"node_load1", Kind::gauge, ""};
constexpr Family kCpu{"node_cpu_seconds_total", Kind::counter, "", "", kCpuLabels};
constexpr Family kIn{"node_network_receive_bytes_total", Kind::counter, "", "", kDevice};

class StatusTest : public testing::Test {
 protected:
  StatusTest() { history_.configure({.window = 15min, .most_bytes = 1 << 20, .families = {}}); }

  // A job of this name; it never runs, so what its collector would read does not matter.
  Job& run(const std::string& name, std::chrono::nanoseconds interval = 5s) {
    CollectorConfig config;
    config.enabled = true;
    config.interval = interval;
    auto job = std::make_shared<Job>(loop_, name, config, find_collector("loadavg")->make({}), Host{}, [](Job&) {});
    return *(jobs_[name] = std::move(job));
  }
  void publish(std::string_view collector, const std::function<void(Sink&)>& fill) {
    auto block = std::make_shared<Block>();
    BlockSink sink(*block);
    fill(sink);
    block->finish();
    history_.observe(collector, *block, clock_.steady());
    store_.publish(collector, block);
  }
  StatusFacts facts() { return {"ok", "", "/metrics", jobs_, store_, history_, clock_, start_}; }
  json::value data() { return json::parse(status_json(facts())).at("data"); }
  json::value family(std::string_view name) { return data().at("families").at(name); }
  static std::string plain(const json::value& value) { return json::serialize(value); }

  boost::asio::io_context loop_{1};
  FakeClock clock_;
  SteadyTime start_ = clock_.steady();
  Jobs jobs_;
  Store store_;
  History history_;
};

TEST_F(StatusTest, ValuesAreThoseThatHistoryKeeps) {
  run("loadavg");
  publish("loadavg", [](Sink& sink) {
    sink.add(kLoad, kNoLabels, 0.25);
    sink.add(kIn, {"eth0"}, 1);  // none of this collector's
  });
  const auto found = data();
  EXPECT_EQ(found.at("families").as_object().size(), 1U);
  EXPECT_EQ(family("node_load1"), json::parse(R"({"type":"gauge","collector":"loadavg",
      "series":[{"labels":{},"value":0.25}],"left_out":0})"));
  EXPECT_EQ(found.at("telemetry_path"), "/metrics");
  EXPECT_EQ(found.at("history").at("window_seconds").to_number<double>(), 900);
}

TEST_F(StatusTest, CountersHaveARateOfTheLastSeconds) {
  run("netdev");
  for (const double bytes : {0.0, 100.0, 300.0}) {
    publish("netdev", [bytes](Sink& sink) { sink.add(kIn, {"a\"b"}, bytes); });
    clock_.advance(5s);
  }
  const auto series = family("node_network_receive_bytes_total").at("series").at(0);
  EXPECT_EQ(series.at("labels").at("device"), "a\"b");
  EXPECT_EQ(series.at("value").to_number<double>(), 300);
  EXPECT_EQ(series.at("rate").to_number<double>(), 30);
}

TEST_F(StatusTest, ARateReachesBackForWhatRunsSeldom) {
  run("netdev", 60s);
  for (const double bytes : {0.0, 600.0}) {
    publish("netdev", [bytes](Sink& sink) { sink.add(kIn, {"a"}, bytes); });
    clock_.advance(60s);
  }
  EXPECT_EQ(family("node_network_receive_bytes_total").at("series").at(0).at("rate").to_number<double>(), 10);
}

TEST_F(StatusTest, WithOneSampleThereIsNoRate) {
  run("netdev");
  publish("netdev", [](Sink& sink) { sink.add(kIn, {"a"}, 5); });
  EXPECT_FALSE(family("node_network_receive_bytes_total").at("series").at(0).as_object().contains("rate"));
}

TEST_F(StatusTest, CpuTimeIsAddedUpOverAllCpus) {
  run("cpu");
  for (const double time : {0.0, 5.0}) {
    publish("cpu", [time](Sink& sink) {
      for (const auto* cpu : {"0", "1"}) {
        sink.add(kCpu, {cpu, "idle"}, time);
        sink.add(kCpu, {cpu, "user"}, time / 10);
      }
    });
    clock_.advance(5s);
  }
  EXPECT_EQ(plain(family("node_cpu_seconds_total").at("series")),
            plain(json::parse(R"([{"labels":{"mode":"idle"},"value":10,"rate":2},
                                  {"labels":{"mode":"user"},"value":1,"rate":0.2}])")));
}

TEST_F(StatusTest, TooManySeriesAreLeftOutAndCounted) {
  run("netdev");
  publish("netdev", [](Sink& sink) {
    for (std::size_t i = 0; i < StatusLimits::kSeries + 7; ++i) sink.add(kIn, {std::to_string(i)}, 1);
  });
  const auto found = family("node_network_receive_bytes_total");
  EXPECT_EQ(found.at("series").as_array().size(), StatusLimits::kSeries);
  EXPECT_EQ(found.at("left_out").to_number<int>(), 7);
}

TEST_F(StatusTest, CollectorsHaveTheirStateAndLastError) {
  Job& job = run("loadavg");
  job.facts.ran = true;
  job.facts.duration = 2ms;
  job.facts.error = "no \"file\"";
  EXPECT_EQ(data().at("collectors").at(0).at("state"), "failed");
  EXPECT_EQ(data().at("collectors").at(0).at("error"), "no \"file\"");
  EXPECT_FALSE(data().at("collectors").at(0).as_object().contains("collected"));
  job.facts.success = true;
  job.facts.error.clear();
  job.facts.collected = clock_.steady();
  clock_.advance(3s);
  const auto collector = data().at("collectors").at(0);
  EXPECT_EQ(collector.at("state"), "ok");
  EXPECT_EQ(collector.at("duration_seconds").to_number<double>(), 0.002);
  EXPECT_NEAR(data().at("time").to_number<double>() - collector.at("collected").to_number<double>(), 3, 0.001);
}

TEST_F(StatusTest, NothingIsSentAgainUntilSomethingWasCollected) {
  Job& job = run("loadavg");
  const auto first = answer_status(facts(), "");
  EXPECT_EQ(first.status, 200U);
  EXPECT_EQ(answer_status(facts(), first.etag).status, 304U);
  ++job.facts.runs;  // a run that failed publishes nothing
  const auto second = answer_status(facts(), first.etag);
  EXPECT_EQ(second.status, 200U);
  publish("loadavg", [](Sink& sink) { sink.add(kLoad, kNoLabels, 1); });
  EXPECT_EQ(answer_status(facts(), second.etag).status, 200U);
}

}  // namespace
}  // namespace vitalsd
