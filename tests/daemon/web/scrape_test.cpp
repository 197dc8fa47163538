#include "daemon/web/scrape.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "core/sink.h"

namespace vitalsd {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::array<std::string_view, 1> kLabels = {"n"};
constexpr Family kMany{"test_many", Kind::gauge, "Many.", "", kLabels};

class ScrapeTest : public testing::Test {
 protected:
  ScrapeTest() { scrape.configure({}); }
  ~ScrapeTest() override {
    scheduler.stop();
    pool.stop(std::chrono::steady_clock::now() + 10s);
    pool.drain();
    loop.poll();
  }
  // One response for each request; all of them under way at once.
  std::vector<http::Response> serve(const std::vector<http::Request>& requests) {
    std::vector<http::Response> responses(requests.size());
    std::size_t left = requests.size();
    for (std::size_t i = 0; i < requests.size(); ++i) {
      asio::co_spawn(loop, scrape.serve(requests[i]), [&, i](std::exception_ptr error, http::Response response) {
        EXPECT_FALSE(error);
        responses[i] = std::move(response);
        --left;
      });
    }
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (left > 0 && std::chrono::steady_clock::now() < end) {
      loop.run_for(1ms);
      loop.restart();
    }
    EXPECT_EQ(left, 0U);
    return responses;
  }
  void publish(std::size_t samples) {
    auto block = std::make_shared<Block>();
    BlockSink sink(*block);
    for (std::size_t i = 0; i < samples; ++i) sink.add(kMany, {std::to_string(i)}, static_cast<double>(i));
    block->finish();
    store.publish("many", block);
  }
  static std::size_t lines(const http::Response& response) {
    return static_cast<std::size_t>(std::ranges::count_if(*response.body, [](char c) { return c == '\n'; }));
  }
  static Config config() {
    Config config;
    config.external_labels = {{"cluster", "e\"u"}};
    return config;
  }

  Clock clock;
  asio::io_context loop{1};
  Store store;
  Pool pool{4};
  Telemetry telemetry{clock};
  Scheduler scheduler{loop, pool, store, clock, [](const Job&, const RunReport&) {}};
  Log log{"error", "logfmt"};
  Scrape scrape{loop, pool, scheduler, store, telemetry, clock, log, [] {}};
};

TEST_F(ScrapeTest, TheSameEpochGivesTheSameBytes) {
  publish(3);
  const auto responses = serve({{.query = ""}, {.query = ""}});
  EXPECT_EQ(responses[0].body.get(), responses[1].body.get()) << "encoded once";
  EXPECT_NE(responses[0].body->find("test_many{n=\"2\"} 2\n"), std::string::npos);
  publish(4);
  EXPECT_NE(serve({{}})[0].body->find("test_many{n=\"3\"} 3\n"), std::string::npos);
}

TEST_F(ScrapeTest, ExternalLabelsComeFirstAndAreEscaped) {
  scrape.configure(config());
  publish(1);
  EXPECT_NE(serve({{}})[0].body->find("test_many{cluster=\"e\\\"u\",n=\"0\"} 0\n"), std::string::npos);
}

TEST_F(ScrapeTest, ALargeExpositionIsEncodedOnThePoolOnceForAll) {
  publish(50'000);
  const auto responses = serve(std::vector<http::Request>(20));
  for (const auto& response : responses) {
    ASSERT_TRUE(response.body);
    EXPECT_EQ(response.body.get(), responses[0].body.get());
    EXPECT_GT(lines(response), 50'000U);
  }
  const auto zipped = serve({{.accept_encoding = "gzip"}, {.accept_encoding = "gzip"}, {}});
  EXPECT_EQ(zipped[0].content_encoding, "gzip");
  EXPECT_EQ(zipped[0].body.get(), zipped[1].body.get());
  EXPECT_LT(zipped[0].body->size(), zipped[2].body->size() / 4);
}

TEST_F(ScrapeTest, ALargeExpositionIsAnsweredThoughEachScrapeIsANewEpoch) {
  Config always_anew;
  always_anew.collectors["any"].enabled = true;  // fresh: 0
  scrape.configure(always_anew);
  publish(50'000);
  std::vector<http::Request> requests(10);
  for (std::size_t i = 0; i < requests.size(); i += 2) requests[i].accept_encoding = "gzip";
  for (const auto& response : serve(requests)) EXPECT_TRUE(response.body);
}

TEST_F(ScrapeTest, UnknownCollectorsAreRefused) {
  for (const auto* query : {"collect[]=nosuch", "exclude[]=nosuch", "collect[]=a&exclude[]=b"}) {
    EXPECT_EQ(serve({{.query = query}})[0].status, 400U) << query;
  }
  EXPECT_EQ(serve({{.query = "unrelated=1"}})[0].status, 200U);
}

TEST_F(ScrapeTest, TelemetryTellsOfItself) {
  telemetry.request_done("metrics", 200, 3ms);
  telemetry.loop_lag(2ms);
  telemetry.reload_done(false);
  const auto text = *serve({{}})[0].body;
  for (const auto* line : {"vitalsd_build_info{version=", "vitalsd_config_last_reload_successful 0\n",
                           "vitalsd_http_request_duration_seconds_count{code=\"200\",handler=\"metrics\"} 1\n",
                           "vitalsd_event_loop_lag_seconds_bucket{le=\"0.001\"} 0\n",
                           "vitalsd_event_loop_lag_seconds_bucket{le=\"+Inf\"} 1\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

}  // namespace
}  // namespace vitalsd
