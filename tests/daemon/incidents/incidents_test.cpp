// Which of the runs are remembered, and of what there is a report: files in a directory of the test's own.
#include "daemon/incidents/incidents.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <boost/json.hpp>
#include <filesystem>

#include "daemon/history/remember.h"
#include "exporters/text.h"
#include "tests/daemon/run/scheduler_fixture.h"

namespace vitalsd {
namespace {

namespace json = boost::json;
using testing::IsEmpty;

constexpr Family kLoad{"node_load1", Kind::gauge, "One that is remembered."};

/// What the loop's last turn, in the end of SchedulerTest, still needs: a report may be on its way to the disk.
struct Outliving {
  ~Outliving() { std::filesystem::remove_all(directory); }
  std::string directory;
  std::optional<Telemetry> telemetry;
  Log log{"error", "logfmt"};
  History history;
  std::optional<Incidents> kept;
};

class IncidentsTest : private Outliving, public SchedulerTest {
 protected:
  IncidentsTest() {
    telemetry.emplace(clock);
    kept.emplace(loop, pool, clock, history, *telemetry, log);
    history.configure({.window = 1min, .most_bytes = 1 << 20, .families = {}});
    std::string pattern = testing::TempDir() + "/incidents_XXXXXX";
    directory = ::mkdtemp(pattern.data());
    Config wanted = config(1s, 10s, 1s);
    wanted.reports = {.history = 1min, .keep = 10};
    wanted.paths.state = directory;
    start(wanted);
    incidents().configure(wanted, true);
    EXPECT_TRUE(turn_until([this] { return scheduler.ready(); }));
  }

  /// A run of test_a that has told this load.
  void ran(double load, const RunReport& report = {}) {
    auto block = std::make_shared<Block>();
    BlockSink sink(*block);
    sink.add(kLoad, load);
    block->finish();
    store.publish("test_a", block);
    remember(history, *scheduler.jobs().at("test_a"), report, store, clock.steady());
    incidents().run_done(*scheduler.jobs().at("test_a"), report);
  }
  void happens(const std::string& entity) {
    const std::vector<Happened> one = {{EventKind::oom_kill, entity, "killed"}};
    ran(0, {.error = {}, .duration = {}, .faults = {}, .events = one});
  }
  /// An event that a collector reports.
  void reports(const char* collector, EventKind kind, const std::string& entity) {
    const std::vector<Happened> one = {{kind, entity, "killed"}};
    incidents().run_done(*scheduler.jobs().at(collector), {.error = {}, .duration = {}, .faults = {}, .events = one});
  }
  std::string counted(std::string_view kind) {
    const auto block = telemetry->collect(scheduler.jobs());
    std::string text;
    TextEncoder().encode({block}, text);
    const std::string line = "vitalsd_events_total{kind=\"" + std::string(kind) + "\"} ";
    const auto at = text.find(line);
    return at == std::string::npos ? "" : text.substr(at + line.size(), text.find('\n', at) - at - line.size());
  }
  std::string answer(std::string query, std::string accept = {}) {
    std::optional<std::string> body;
    auto asked = incidents().answer(std::move(query), std::move(accept));
    asio::co_spawn(loop, std::move(asked), [&](std::exception_ptr, const http::Response& response) {
      body = response.body ? *response.body : "";
    });
    EXPECT_TRUE(turn_until([&] { return body.has_value(); }));
    return body.value_or("");
  }
  json::array listed() { return json::parse(answer("")).at("data").as_array(); }
  /// The entities that have reports, when there are as many as expected.
  std::vector<std::string> reported(std::size_t expected) {
    turn_until([&] { return listed().size() >= expected; });
    std::vector<std::string> entities;
    for (const auto& entry : listed()) {
      const auto report = json::parse(answer("id=" + std::string(entry.at("id").as_string())));
      entities.emplace_back(report.at("entity").as_string());
    }
    return entities;
  }

  Incidents& incidents() { return kept.value(); }
};

TEST_F(IncidentsTest, AReportTellsTheRunsBeforeIt) {
  ran(1);
  ran(2, {.error = {}, .duration = {}, .faults = {}, .events = {}, .partial = true});
  ran(3, {.error = Error{Errc::io, 0, "test"}, .duration = {}, .faults = {}});
  ran(4);
  happens("/a");
  ASSERT_EQ(reported(1), std::vector<std::string>{"/a"});
  const auto report = json::parse(answer("id=" + std::string(listed()[0].at("id").as_string())));
  EXPECT_EQ(report.at("cause"), "oom_kill");
  EXPECT_EQ(report.at("collector"), "test_a");
  const auto& series = report.at("history").as_array().at(0).at("series").as_array().at(0);
  EXPECT_EQ(series.at("series"), "node_load1");
  EXPECT_EQ(json::serialize(series.at("values")), "[1,4,0]")
      << "neither failed runs nor those that published a part anew";
}

TEST_F(IncidentsTest, TheSameIsNotReportedAgainAtOnce) {
  happens("/a");
  happens("/a");
  happens("/b");
  EXPECT_THAT(reported(2), testing::UnorderedElementsAre("/a", "/b"));
}

TEST_F(IncidentsTest, AKillThatTwoCollectorsFindIsCountedOnce) {
  reports("test_a", EventKind::oom_kill, "/a");
  reports("test_b", EventKind::oom_kill, "/a");
  reports("test_a", EventKind::oom_kill, "/a");
  reports("test_b", EventKind::oom_kill, "/b");
  EXPECT_EQ(counted("oom_kill"), "3") << "two in /a, one in /b";
  reports("test_a", EventKind::target_ended, "app");
  reports("test_b", EventKind::target_ended, "app");
  EXPECT_EQ(counted("target_ended"), "2");
  reported(2);
}

TEST_F(IncidentsTest, AKilledProcessIsNamedAsTheKernelsLogHasIt) {
  ASSERT_NE(incidents().oom_records(), nullptr);
  incidents().oom_records()->take("6,1,1,-;oom-kill:constraint=C,task_memcg=/a,task=eater,pid=2000000123,uid=0\n");
  incidents().oom_records()->take(
      "3,2,2,-;Memory cgroup out of memory: Killed process 2000000123 (eater) total-vm:9kB, anon-rss:4kB, "
      "file-rss:0kB, shmem-rss:0kB\n");
  happens("/b");
  happens("/a");
  ASSERT_THAT(reported(2), testing::UnorderedElementsAre("/a", "/b"));
  for (const auto& entry : listed()) {
    const auto report = json::parse(answer("id=" + std::string(entry.at("id").as_string()))).as_object();
    if (report.at("entity") == "/b") {
      EXPECT_FALSE(report.contains("killed"));
      continue;
    }
    EXPECT_EQ(json::serialize(report.at("killed")), R"([{"pid":2000000123,"comm":"eater","resident_bytes":4096}])");
    EXPECT_EQ(report.at("detail"), "killed: eater (pid 2000000123, 4096 bytes resident)");
  }
}

TEST_F(IncidentsTest, AReportIsTextForThoseWhoAskForIt) {
  happens("/a");
  ASSERT_THAT(reported(1), testing::ElementsAre("/a"));
  const std::string query = "id=" + std::string(listed()[0].at("id").as_string());
  EXPECT_THAT(answer(query, "text/plain"),
              testing::HasSubstr("\nThe OOM killer ended a process in cgroup /a: killed.\n"));
  EXPECT_EQ(json::parse(answer(query, "text/html, */*")).at("entity"), "/a");
  EXPECT_EQ(answer("id=none", "text/plain"), "no such report; see /api/v1/reports\n");
}

TEST_F(IncidentsTest, WhatIsNotThereIsNotFound) {
  EXPECT_THAT(listed(), IsEmpty());
  EXPECT_EQ(answer("id=20260101T000000.000Z-oom_kill"), "no such report; see /api/v1/reports\n");
}

}  // namespace
}  // namespace vitalsd
