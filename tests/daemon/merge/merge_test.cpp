// What sources answer becomes part of one exposition that stays valid.
#include <gtest/gtest.h>

#include "daemon/merge/merge_collector.h"
#include "daemon/merge/merger.h"
#include "tests/daemon/probe/probe_fixture.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

std::function<void(int)> publishing(const std::string& text) {
  return answering("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text);
}

class Merge : public ProbeFixture {
 protected:
  static std::unique_ptr<MergeCollector> collector(std::vector<Record> records) {
    Options options = Options::defaults(find_collector("merge")->options);
    options.set("sources", {.text = {}, .items = {}, .records = std::move(records)});
    return std::make_unique<MergeCollector>(options);
  }
  static Record source(const std::string& name, const std::string& target) {
    return {{"name", name}, {"target", target}, {"interval", "1h"}, {"timeout", "5s"}};
  }
  // Asks all sources once and collects.
  RunResult merge(std::vector<Record> records) {
    const auto made = collector(std::move(records));
    merger_.use(made->board(), config_);
    const auto known = [&] {
      for (const MergeState& state : made->board()->view().states) {
        if (!state.known) return false;
      }
      return true;
    };
    while (!known()) loop_.run_one();
    return collect(*made);
  }
  static RunResult collect(Collector& collector) {
    FakeClock clock;
    const Host host{.procfs = std::make_unique<FakeFiles>(), .clock = &clock};
    return run_collector(collector, host);
  }
  static bool has(const RunResult& run, const std::string& line) {
    return ("\n" + run.text).find("\n" + line + "\n") != std::string::npos;
  }

  Config config_;
  Log log_{"error", "logfmt"};
  Store store_;
  Merger merger_{loop_, pool_, store_, log_};
};

TEST_F(Merge, PassesSeriesOnWithTheirSource) {
  ScriptedServer server(publishing(
      "# HELP app_requests_total Requests.\n# TYPE app_requests_total counter\napp_requests_total{code=\"200\"} 7\n"
      "# TYPE app_seconds histogram\napp_seconds_bucket{le=\"1\"} 1\napp_seconds_bucket{le=\"+Inf\"} 2\n"
      "app_seconds_sum 3\napp_seconds_count 2\n"));
  const auto run = merge({source("app", server.at("http", "/metrics"))});
  EXPECT_TRUE(has(run, "# HELP app_requests_total Requests.")) << run.text;
  EXPECT_TRUE(has(run, "app_requests_total{code=\"200\",source=\"app\"} 7")) << run.text;
  EXPECT_TRUE(has(run, "app_seconds_bucket{le=\"+Inf\",source=\"app\"} 2")) << run.text;
  EXPECT_TRUE(has(run, "app_seconds_count{source=\"app\"} 2")) << run.text;
  EXPECT_TRUE(has(run, "vitalsd_merge_up{source=\"app\"} 1"));
  EXPECT_TRUE(has(run, "vitalsd_merge_series{source=\"app\"} 5"));
  EXPECT_TRUE(run.faults.empty());
}

TEST_F(Merge, LabelsThatAreThereGiveWayOrAreHonored) {
  ScriptedServer server(publishing("m{source=\"inner\",exported_source=\"x\",site=\"s\"} 1\n"));
  config_.external_labels = {{"site", "ours"}};
  auto record = source("app", server.at("http"));
  const auto renamed = merge({record});
  EXPECT_TRUE(
      has(renamed, "m{exported_exported_source=\"inner\",exported_site=\"s\",exported_source=\"x\",source=\"app\"} 1"))
      << renamed.text;
  record.texts["honor_labels"] = "true";
  const auto honored = merge({record});
  EXPECT_TRUE(has(honored, "m{exported_site=\"s\",exported_source=\"x\",source=\"inner\"} 1")) << honored.text;
}

TEST_F(Merge, ConflictsAreLeftOutAndCounted) {
  config_.collectors["loadavg"].enabled = true;
  ScriptedServer first(
      publishing("# TYPE a gauge\na 1\n# TYPE node_load1 gauge\nnode_load1 1\n# TYPE h histogram\n"
                 "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n"));
  ScriptedServer second(publishing("# TYPE a counter\na 1\n# TYPE h_count gauge\nh_count 1\n# TYPE b gauge\nb 1\n"));
  const auto run = merge({source("one", first.at("http")), source("two", second.at("http"))});
  EXPECT_TRUE(has(run, "a{source=\"one\"} 1")) << run.text;
  EXPECT_FALSE(has(run, "a{source=\"two\"} 1"));
  EXPECT_TRUE(has(run, "b{source=\"two\"} 1"));
  EXPECT_EQ(run.text.find("\nnode_load1"), run.text.npos);
  EXPECT_TRUE(has(run, "vitalsd_merge_left_out_series{source=\"one\",reason=\"own_name\"} 1"));
  EXPECT_TRUE(has(run, "vitalsd_merge_left_out_series{source=\"two\",reason=\"type\"} 2"));
  EXPECT_EQ(run.faults.size(), 3U);
}

TEST_F(Merge, ASeriesThatIsThereAlreadyIsLeftOut) {
  ScriptedServer server(publishing("a 1\n"));
  auto one = source("one", server.at("http")), two = source("two", server.at("http"));
  one.texts["label"] = two.texts["label"] = "";
  const auto run = merge({one, two});
  EXPECT_TRUE(has(run, "a 1")) << run.text;
  EXPECT_TRUE(has(run, "vitalsd_merge_left_out_series{source=\"two\",reason=\"duplicate\"} 1")) << run.text;
  EXPECT_TRUE(has(run, "vitalsd_merge_series{source=\"two\"} 0"));
}

TEST_F(Merge, BadAnswersEndTheSeriesAndSayWhy) {
  struct Case {
    std::string answer, reason;
  };
  const Case cases[] = {
      {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "status"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nm 1\n?", "content"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nm 1\nm{", "closed"},
      {"HTTP/1.1 200 OK\r\n\r\nm{a=\"\xff\"} 1\n", "content"},
      {"HTTP/1.1 200 OK\r\n\r\nm 1\nn 1\no 1\n", "content"},
      {"HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, '#'), "too_large"},
  };
  for (const auto& [answer, reason] : cases) {
    ScriptedServer server(answering(answer));
    auto record = source("app", server.at("http"));
    record.texts["max_series"] = "2";
    record.texts["max_size"] = "4k";
    const auto run = merge({record});
    EXPECT_TRUE(has(run, "vitalsd_merge_up{source=\"app\"} 0")) << answer << run.text;
    EXPECT_NE(run.text.find("vitalsd_merge_failures_total{source=\"app\",reason=\"" + reason + "\"} "), run.text.npos)
        << answer << run.text;
    EXPECT_EQ(run.text.find("\nm{"), run.text.npos);
  }
}

TEST_F(Merge, AFamilyThatAppearsElsewhereWinsAtOnce) {
  ScriptedServer server(publishing("# TYPE late gauge\nlate 1\n"));
  const auto made = collector({source("app", server.at("http"))});
  merger_.use(made->board(), config_);
  while (!made->board()->view().states[0].known) loop_.run_one();
  EXPECT_TRUE(has(collect(*made), "late{source=\"app\"} 1"));
  const auto block_of = [](std::string_view name, Kind kind) {
    const auto owner = std::make_shared<Family>(Family{name, kind, "x"});
    auto block = std::make_shared<Block>();
    block->append(*owner, kNoLabels, 1, Part::value);
    block->keep(owner);
    block->finish();
    return block;
  };
  store_.publish("merge", block_of("late", Kind::gauge));
  store_.publish("textfile", block_of("other", Kind::gauge));
  merger_.refresh();
  EXPECT_NE(store_.find("merge"), nullptr);
  store_.publish("textfile", block_of("late", Kind::counter));
  merger_.refresh();
  EXPECT_EQ(store_.find("merge"), nullptr);
  EXPECT_EQ(collect(*made).text.find("\nlate{"), std::string::npos);
}

TEST(MergeSpec, BadRecordsAreRefused) {
  const Record cases[] = {
      {{"target", "tcp://a:1"}},
      {{"target", "http://a"}, {"label", "le"}},
      {{"target", "http://a"}, {"label", "a b"}},
      {{"target", "http://a"}, {"honor_labels", "yes"}},
      {{"target", "http://a"}, {"max_size", "0"}},
      {{"target", "http://a"}, {"max_series", "-1"}},
  };
  for (Record record : cases) {
    record.texts.emplace("name", "s");
    EXPECT_THROW(read_merge_specs({record}), OptionError);
  }
  Record twice{{"name", "s"}, {"target", "http://a"}};
  twice.lists["labels"] = {"source=x"};
  EXPECT_THROW(read_merge_specs({twice}), OptionError);
}

}  // namespace
}  // namespace vitalsd
