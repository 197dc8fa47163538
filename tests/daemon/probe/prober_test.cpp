#include "daemon/probe/prober.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

#include "daemon/probe/probe_collector.h"
#include "tests/daemon/probe/probe_fixture.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class ProberTest : public ProbeFixture {
 protected:
  static std::unique_ptr<ProbeCollector> collector(std::vector<Record> records) {
    Options options = Options::defaults(find_collector("probe")->options);
    options.set("targets", {.text = {}, .items = {}, .records = std::move(records)});
    return std::make_unique<ProbeCollector>(options);
  }
  static Record named(const std::string& name, const std::string& target) {
    return {{"name", name}, {"target", target}, {"interval", "1h"}, {"timeout", "5s"}};
  }
  static bool all_known(const ProbeBoard& board) {
    for (const auto& facts : board.facts()) {
      if (!facts || !facts->last) return false;
    }
    return true;
  }
  void run_until_known(const ProbeBoard& board) {
    while (!all_known(board)) loop_.run_one();
  }
  static std::string text_of(Collector& collector) {
    FakeClock clock;
    const Host host{.procfs = std::make_unique<FakeFiles>(), .clock = &clock};
    return run_collector(collector, host).text;
  }

  Log log_{"error", "logfmt"};
  Prober prober_{loop_, pool_, log_};
};

TEST_F(ProberTest, AHundredProbesLeaveNoDescriptorBehind) {
  ScriptedServer server(answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  std::vector<Record> records;
  for (int i = 0; i < 100; ++i) records.push_back(named("p" + std::to_string(i), server.at("http")));
  const auto made = collector(std::move(records));
  const std::size_t before = open_descriptors();
  prober_.use(made->board());
  run_until_known(*made->board());
  for (const auto& facts : made->board()->facts()) EXPECT_TRUE(facts->last->succeeded()) << facts->last->detail;
  // The server's own threads close after the probes did.
  for (int i = 0; i < 500 && open_descriptors() > before; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_LE(open_descriptors(), before);
  prober_.use(nullptr);
  EXPECT_EQ(prober_.size(), 0U);
}

TEST_F(ProberTest, CountersOutliveAReload) {
  ScriptedServer server(answering("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"));
  const auto first = collector(
      {named("stays", server.at("http")), named("changes", server.at("http")), named("goes", server.at("http"))});
  prober_.use(first->board());
  run_until_known(*first->board());
  auto changed = named("changes", server.at("http"));
  changed.texts["timeout"] = "4s";
  const auto second = collector({changed, named("stays", server.at("http")), named("comes", server.at("http"))});
  prober_.use(second->board());
  EXPECT_EQ(prober_.size(), 3U);
  const auto failures = [&](std::size_t i) {
    return second->board()->facts()[i]->failures[static_cast<std::size_t>(ProbeFault::status)];
  };
  EXPECT_EQ(failures(0), 1U);
  EXPECT_EQ(failures(1), 1U);
  EXPECT_EQ(failures(2), 0U);
  run_until_known(*second->board());
  EXPECT_EQ(failures(1), 1U) << "it was not due again";
  const auto outcome = text_of(*second);
  EXPECT_EQ(outcome.find("probe=\"goes\""), outcome.npos);
}

TEST_F(ProberTest, TheCollectorShowsThemByTheirNames) {
  ScriptedServer server(answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  const std::string target = server.at("http");
  const auto made = collector({named("web", target)});
  prober_.use(made->board());
  run_until_known(*made->board());
  const std::string text = text_of(*made);
  const std::string labels = "{probe=\"web\",target=\"" + target + "\"";
  for (const std::string& line :
       {"probe_success" + labels + "} 1", "probe_http_status_code" + labels + "} 200",
        "probe_ip_protocol" + labels + "} 4", "probe_http_version" + labels + "} 1.1",
        "probe_http_content_length" + labels + "} 2", "probe_http_ssl" + labels + "} 0",
        "probe_failed_due_to_regex" + labels + "} 0",
        std::string("vitalsd_probe_failures_total{probe=\"web\",reason=\"timeout\"} 0"),
        std::string("vitalsd_probe_phase_duration_seconds_count{probe=\"web\",phase=\"transfer\"} 1")}) {
    EXPECT_NE(text.find("\n" + line + "\n"), text.npos) << line << "\n" << text;
  }
  EXPECT_NE(text.find("probe_http_duration_seconds" + labels + ",phase=\"connect\"} "), text.npos);
  EXPECT_EQ(text.find("probe_ssl_earliest_cert_expiry{"), text.npos);
  EXPECT_EQ(text.find("phase=\"tls\""), text.npos);
}

}  // namespace
}  // namespace vitalsd
