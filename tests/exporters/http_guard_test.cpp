// Tests the guard of a listener: TLS, the check of each request, and fields of every response.
#include <gmock/gmock.h>

#include "exporters/http/client.h"
#include "tests/exporters/certificates.h"
#include "tests/exporters/http_fixture.h"

namespace vitalsd::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class HttpGuard : public HttpServer {
 protected:
  void guard(Guard guard) { bind(std::make_shared<const Guard>(std::move(guard))); }
  void bind(std::shared_ptr<const Guard> guard) {
    on_loop([&] { server_->bind({{"127.0.0.1:0", routes("ok"), -1, std::move(guard)}}); });
  }
  Guard judging(Entry entry) {
    Guard guard;
    guard.judge = [this, entry](std::string_view shown, bool) -> boost::asio::awaitable<Entry> {
      shown_.emplace_back(shown);
      co_return entry;
    };
    return guard;
  }
  Reply ask(const std::string& target, const std::string& fields = {}) {
    return RawClient(address_).get(target, fields).reply();
  }
  std::vector<std::string> shown_;
};

TEST_F(HttpGuard, WhoIsNotLetInLearnsNothing) {
  struct Case {
    Entry entry;
    unsigned status;
    const char* field;
  };
  start();
  for (const Case& c : {Case{Entry::denied, 401, "WWW-Authenticate: Basic realm=\"vitalsd\", charset=\"UTF-8\""},
                        Case{Entry::too_fast, 429, "Retry-After: 1"}, Case{Entry::busy, 503, "Retry-After: 1"}}) {
    guard(judging(c.entry));
    for (const char* target : {"/metrics", "/nothing"}) {
      const Reply reply = ask(target);
      EXPECT_EQ(reply.status, c.status);
      EXPECT_TRUE(reply.has(c.field)) << reply.head;
    }
  }
  guard(judging(Entry::granted));
  EXPECT_EQ(ask("/metrics").status, 200U);
  EXPECT_EQ(ask("/nothing").status, 404U);
}

TEST_F(HttpGuard, TheJudgeSeesOneAuthorizationOrNone) {
  start();
  guard(judging(Entry::granted));
  ask("/metrics", "Authorization: Basic abc\r\n");
  ask("/metrics");
  ask("/metrics", "Authorization: Basic abc\r\nAuthorization: Basic def\r\n");
  RawClient kept(address_);  // the credentials of an earlier request do not count for the next
  kept.get("/metrics", "Authorization: Basic one\r\n").reply();
  kept.get("/metrics").reply();
  EXPECT_THAT(shown_, testing::ElementsAre("Basic abc", "", "", "Basic one", ""));
}

TEST_F(HttpGuard, AJudgeThatFailsLetsNobodyIn) {
  start();
  Guard failing;
  failing.judge = [](std::string_view, bool) -> boost::asio::awaitable<Entry> {
    throw std::runtime_error("no memory");
    co_return Entry::granted;
  };
  guard(std::move(failing));
  EXPECT_EQ(ask("/metrics").status, 500U);
}

TEST_F(HttpGuard, FieldsAreInEveryAnswer) {
  start();
  Guard plain;
  plain.fields = "X-Frame-Options: deny\r\n";
  guard(std::move(plain));
  for (const char* target : {"/metrics", "/nothing", "/throw", "bad"}) {
    EXPECT_TRUE(ask(target).has("X-Frame-Options: deny")) << target;
  }
}

class HttpTls : public HttpGuard {
 protected:
  void SetUp() override {
    certificates_.make("a");
    start();
    secure();
  }
  void secure() {
    const auto context =
        tls::Context::server({.certificate = certificates_.text("a.crt"), .key = certificates_.text("a.key")});
    ASSERT_TRUE(context) << context.error().message;
    Guard guard;
    guard.tls = *context;
    guard.tls_failed = [this](const std::string& reason) { failures_.push_back(reason); };
    HttpGuard::guard(std::move(guard));
  }
  std::string url(const std::string& target) const { return "https://" + address_ + target; }
  std::vector<std::string> failures() {
    std::vector<std::string> copy;
    on_loop([&] { copy = failures_; });
    return copy;
  }
  tls::Certificates certificates_;
  std::vector<std::string> failures_;
};

TEST_F(HttpTls, AnswersOfAnySizeArriveWhole) {
  EXPECT_EQ(fetch(url("/metrics"), 20s, Trust::anyone)->body, "ok");
  big_ = std::make_shared<const std::string>(1000 * 1000, 'b');
  secure();
  const auto big = fetch(url("/big"), 20s, Trust::anyone);
  ASSERT_TRUE(big) << big.error();
  EXPECT_EQ(big->body, *big_);
}

TEST_F(HttpTls, WhoAsksInPlainIsToldSo) {
  const Reply reply = ask("/metrics");
  EXPECT_EQ(reply.status, 400U);
  EXPECT_THAT(reply.body, HasSubstr("https://"));
  EXPECT_TRUE(failures().empty());
}

TEST_F(HttpTls, WhatIsNeitherIsToldOf) {
  RawClient client(address_);
  client.send(std::string_view("\x16\x03\x01\x00\x05hello", 10));
  client.finish_sending();
  client.drain_all();
  EXPECT_EQ(failures().size(), 1U);
}

TEST_F(HttpTls, AClientTrustsWhomItsAuthoritiesHaveSigned) {
  const auto refused = fetch(url("/metrics"), 20s, Trust::authorities);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("certificate verify failed: self-signed certificate"));
  // A TLS client on a plain port.
  bind(nullptr);
  const auto plain = fetch(url("/metrics"), 20s, Trust::anyone);
  ASSERT_FALSE(plain);
  EXPECT_THAT(plain.error(), HasSubstr("TLS: "));
}

TEST_F(HttpTls, AHandshakeThatDoesNotComeEndsInTime) {
  on_loop([this] { server_.emplace(loop_, Limits{.progress = 50ms}, Observer()); });
  secure();
  on_loop([this] { address_ = server_->addresses().front(); });
  RawClient silent(address_);
  EXPECT_TRUE(silent.at_end());
}

TEST_F(HttpTls, AnotherContextEndsWhatWasOpen) {
  bind(nullptr);
  RawClient plain(address_);
  EXPECT_EQ(plain.get("/metrics").reply().status, 200U);
  bind(nullptr);
  EXPECT_EQ(plain.get("/metrics").reply().status, 200U) << "nothing has changed for it";
  RawClient busy(address_);
  busy.get("/wait");
  await_waiting(1);
  secure();
  EXPECT_TRUE(plain.at_end());
  release_waiting();
  const Reply last = busy.reply();
  EXPECT_EQ(last.status, 200U);
  EXPECT_TRUE(last.has("Connection: close")) << last.head;
  EXPECT_TRUE(busy.at_end());
}

}  // namespace
}  // namespace vitalsd::http
