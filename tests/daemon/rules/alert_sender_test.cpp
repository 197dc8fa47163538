// What an Alertmanager is sent, and when: a server of the test's own that answers as it is told.
#include "daemon/rules/alert_sender.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "daemon/config/rule_files.h"
#include "daemon/run/pool.h"
#include "tests/fakes/fake_clock.h"

namespace vitalsd {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace std::chrono_literals;
using asio::ip::tcp;

/// Takes one request after another on a port of its own, and answers each with the next status.
class FakeAlertmanager {
 public:
  explicit FakeAlertmanager(std::vector<unsigned> statuses)
      : statuses_(std::move(statuses)), thread_([this] { run(); }) {}
  ~FakeAlertmanager() {
    asio::io_context io;
    tcp::socket wake(io);
    stopping_ = true;
    boost::system::error_code ignored;
    wake.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void run() {
    for (std::size_t i = 0;; ++i) {
      tcp::socket socket(io_);
      acceptor_.accept(socket);
      if (stopping_) return;
      std::string text;
      std::size_t wanted = std::string::npos;
      while (text.size() < wanted) {
        char part[4096];
        boost::system::error_code error;
        text.append(part, socket.read_some(asio::buffer(part), error));
        if (error) break;
        const std::size_t head = text.find("\r\n\r\n");
        const std::size_t length = text.find("Content-Length: ");
        if (head != text.npos && length != text.npos) wanted = head + 4 + std::stoul(text.substr(length + 16));
      }
      const unsigned status = statuses_[std::min(i, statuses_.size() - 1)];
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(text);
      }
      const std::string answer = "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 0\r\n\r\n";
      asio::write(socket, asio::buffer(answer));
    }
  }

  std::vector<unsigned> statuses_;
  std::atomic<bool> stopping_ = false;
  asio::io_context io_;
  tcp::acceptor acceptor_{io_, {asio::ip::make_address("127.0.0.1"), 0}};
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

class AlertSenderTest : public testing::Test {
 protected:
  AlertSenderTest() {
    auto book = std::make_shared<rules::RuleBook>();
    conf::Faults faults;
    conf::read_rule_file("r.yml",
                         R"(groups: [{name: g, rules: [{alert: Hot, expr: x, annotations: {a: '{{ $value }}'}}]}])",
                         15s, *book, faults);
    groups_.configure(book, {});
    config_.alertmanager = {.urls = {},
                            .username = {},
                            .password_file = {},
                            .bearer_token_file = {},
                            .timeout = 2s,
                            .resend = 60s,
                            .generator_url = "http://here/"};
    config_.external_labels = {{"cluster", "eu"}};
  }
  ~AlertSenderTest() override {
    while (!pool_.stop(clock_.steady())) std::this_thread::yield();
    pool_.drain();
  }
  void use(const std::string& url) {
    config_.alertmanager.urls = {url};
    sender_.configure(config_);
  }
  // The alert fires, or not, at this second; then what is to be sent is.
  void evaluate(bool fires, std::int64_t second) {
    RuleState& rule = groups_.all()[0]->rules[0];
    rules::InstantVector result;
    if (fires) result.push_back({rules::LabelSet("x", R"(sensor="one")"), 30});
    ASSERT_TRUE(rule.alerts.update(*rule.rule, result, second * 1000, 0));
    sender_.take(groups_, second * 1000);
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (sender_.counts()[0].waiting > 0 && std::chrono::steady_clock::now() < until) {
      loop_.restart();
      loop_.run_for(5ms);
      pool_.drain();  // which the scheduler does otherwise
    }
    EXPECT_EQ(sender_.counts()[0].waiting, 0U);
  }
  static json::value body_of(const std::string& request) {
    return json::parse(request.substr(request.find("\r\n\r\n") + 4));
  }

  Clock clock_;
  Log log_{"error", "logfmt"};
  asio::io_context loop_;
  Pool pool_{2};
  RuleGroups groups_;
  Config config_;
  AlertSender sender_{loop_, pool_, clock_, log_};
};

TEST_F(AlertSenderTest, SendsWhatBeginsAndWhatEnds) {
  FakeAlertmanager manager({200});
  use(manager.url());
  evaluate(true, 1'700'000'000);
  evaluate(true, 1'700'000'015);
  evaluate(false, 1'700'000'030);
  evaluate(false, 1'700'000'045);
  const auto requests = manager.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_TRUE(requests[0].starts_with("POST /api/v2/alerts HTTP/1.1\r\n"));
  const auto fired = body_of(requests[0]).at(0);
  EXPECT_EQ(fired.at("labels"), json::parse(R"({"alertname":"Hot","cluster":"eu","sensor":"one"})"));
  EXPECT_EQ(fired.at("annotations").at("a"), "30");
  EXPECT_EQ(fired.at("startsAt"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(fired.at("endsAt"), "2023-11-14T22:17:20.000Z") << "four times alertmanager.resend";
  EXPECT_EQ(fired.at("generatorURL"), "http://here/");
  EXPECT_EQ(body_of(requests[1]).at(0).at("endsAt"), "2023-11-14T22:13:50.000Z");
  EXPECT_EQ(sender_.counts()[0].sent, 2U);
}

TEST_F(AlertSenderTest, SendsAgainWhatGoesOn) {
  FakeAlertmanager manager({200});
  use(manager.url());
  for (const std::int64_t second : {0, 30, 60, 90, 119, 120}) evaluate(true, 1'700'000'000 + second);
  EXPECT_EQ(manager.requests().size(), 3U);
}

TEST_F(AlertSenderTest, TriesAgainWhatFailed) {
  FakeAlertmanager manager({500, 200});
  use(manager.url());
  evaluate(true, 1'700'000'000);
  const auto requests = manager.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(body_of(requests[0]), body_of(requests[1]));
  EXPECT_EQ(sender_.counts()[0].errors, 1U);
  EXPECT_EQ(sender_.counts()[0].sent, 1U);
  EXPECT_EQ(sender_.counts()[0].waiting, 0U);
}

TEST_F(AlertSenderTest, DropsWhatIsRefused) {
  FakeAlertmanager manager({400});
  use(manager.url());
  evaluate(true, 1'700'000'000);
  EXPECT_EQ(manager.requests().size(), 1U);
  EXPECT_EQ(sender_.counts()[0].dropped, 1U);
}

TEST_F(AlertSenderTest, ShowsPasswordAndToken) {
  FakeAlertmanager manager({200});
  const std::string file = testing::TempDir() + "/alertmanager_secret";
  std::ofstream(file) << "s3cret\n";
  config_.alertmanager.username = "alice";
  config_.alertmanager.password_file = file;
  use(manager.url());
  evaluate(true, 1'700'000'000);
  config_.alertmanager.bearer_token_file = file;
  use(manager.url());
  evaluate(false, 1'700'000'015);
  std::filesystem::remove(file);
  const auto requests = manager.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_NE(requests[0].find("\r\nAuthorization: Basic YWxpY2U6czNjcmV0\r\n"), std::string::npos) << requests[0];
  EXPECT_NE(requests[1].find("\r\nAuthorization: Bearer s3cret\r\n"), std::string::npos) << requests[1];
}

}  // namespace
}  // namespace vitalsd
