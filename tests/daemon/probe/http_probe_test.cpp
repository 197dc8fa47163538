// HTTP probes against servers that answer well, badly, slowly, too much or not at all.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <mutex>

#include "daemon/probe/http_exchange.h"
#include "tests/daemon/probe/probe_fixture.h"
#include "tests/exporters/http_fixture.h"

namespace vitalsd {
namespace {

using HttpProbe = ProbeFixture;
constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST_F(HttpProbe, MeasuresEveryPhaseOfAGoodAnswer) {
  ScriptedServer server(answering(kOk));
  const auto outcome = probe(record(server.at("http")));
  EXPECT_TRUE(outcome.succeeded()) << outcome.detail;
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.http_version, 1.1);
  EXPECT_EQ(outcome.content_length, 5);
  EXPECT_EQ(outcome.body_bytes, 5);
  EXPECT_EQ(outcome.ip_protocol, 4);
  EXPECT_FALSE(outcome.https);
  for (const ProbePhase phase :
       {ProbePhase::resolve, ProbePhase::connect, ProbePhase::processing, ProbePhase::transfer}) {
    EXPECT_FALSE(std::isnan(outcome.phases[static_cast<std::size_t>(phase)])) << static_cast<int>(phase);
  }
  EXPECT_TRUE(std::isnan(outcome.phases[static_cast<std::size_t>(ProbePhase::tls)]));
}

TEST_F(HttpProbe, ResolvesNamesOnThePool) {
  ScriptedServer server(answering(kOk));
  auto wanted = record("http://localhost:" + server.port());
  wanted.texts["ip_protocol"] = "ip4";
  EXPECT_TRUE(probe(wanted).succeeded());
  const auto lost = probe(record("http://no-such-host.invalid:" + server.port()));
  EXPECT_EQ(lost.fault, ProbeFault::resolve) << lost.detail;
  EXPECT_TRUE(std::isnan(lost.status));
}

TEST_F(HttpProbe, EachWrongAnswerHasItsReason) {
  struct Case {
    std::string answer;
    ProbeFault fault;
  };
  const Case cases[] = {
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ProbeFault::status},
      {"SSH-2.0-OpenSSH_9.2\r\n", ProbeFault::malformed},
      {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", ProbeFault::closed},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ProbeFault::malformed},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", ProbeFault::closed},
      {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", ProbeFault::too_large},
      {"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", ProbeFault::redirects},
      {"HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\nContent-Length: 0\r\n\r\n", ProbeFault::redirects},
      {"", ProbeFault::closed},
  };
  for (const auto& [answer, fault] : cases) {
    ScriptedServer server(answering(answer));
    const auto outcome = probe(record(server.at("http")));
    EXPECT_EQ(name_of(outcome.fault), name_of(fault)) << answer << ": " << outcome.detail;
    EXPECT_FALSE(outcome.detail.empty());
  }
}

TEST_F(HttpProbe, EveryStallEndsAtTheTimeout) {
  const std::function<void(int)> stalls[] = {
      [](int fd) { await_end(fd); },  // never reads to the end
      [](int fd) {
        read_head(fd);
        while (send_text(fd, "H")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      },
      [](int fd) {
        read_head(fd);
        send_text(fd, "HTTP/1.1 200 OK\r\n");
        for (int i = 0; send_text(fd, "X-" + std::to_string(i) + ": y\r\n"); ++i)
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
      },
      [](int fd) {
        read_head(fd);
        send_text(fd, "HTTP/1.1 200 OK\r\n\r\n");
        while (send_text(fd, "b")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      },
  };
  for (std::size_t i = 0; i < std::size(stalls); ++i) {
    ScriptedServer server(stalls[i]);
    const auto outcome = probe(record(server.at("http"), "150ms"));
    const bool rubbish = i == 1 && outcome.fault == ProbeFault::malformed;  // "HH" is no status line
    EXPECT_TRUE(rubbish || outcome.fault == ProbeFault::timeout) << i << name_of(outcome.fault) << outcome.detail;
    EXPECT_GE(outcome.duration, rubbish ? 0 : 0.15);
  }
}

TEST_F(HttpProbe, EndlessHeadsAndBodiesAreCutOff) {
  ScriptedServer head([](int fd) {
    read_head(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\nX: ");
    while (send_text(fd, std::string(65536, 'x'))) continue;
  });
  EXPECT_EQ(probe(record(head.at("http"))).fault, ProbeFault::malformed);
  ScriptedServer body([](int fd) {
    read_head(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\n\r\n");
    while (send_text(fd, std::string(65536, 'x'))) continue;
  });
  const auto outcome = probe(record(body.at("http")));
  EXPECT_EQ(outcome.fault, ProbeFault::too_large) << outcome.detail;
  EXPECT_EQ(outcome.status, 200);
}

TEST_F(HttpProbe, RefusalsAndResetsAreToldApart) {
  std::string port;
  {
    ScriptedServer gone([](int) {});
    port = gone.port();
  }
  EXPECT_EQ(probe(record("http://127.0.0.1:" + port)).fault, ProbeFault::connect);
  ScriptedServer resetting([](int fd) {
    const linger at_once{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  });
  const auto outcome = probe(record(resetting.at("http")));
  EXPECT_EQ(name_of(outcome.fault), name_of(ProbeFault::closed)) << outcome.detail;
}

TEST_F(HttpProbe, BodyExpressionsDecide) {
  ScriptedServer server(answering(kOk));
  auto wanted = record(server.at("http"));
  wanted.texts["body"] = "^hel+o$";
  EXPECT_TRUE(probe(wanted).succeeded());
  wanted.texts["body"] = "bye";
  EXPECT_EQ(probe(wanted).fault, ProbeFault::body);
  wanted.texts.erase("body");
  wanted.texts["body_not"] = "ell";
  EXPECT_EQ(probe(wanted).fault, ProbeFault::body);
}

TEST_F(HttpProbe, FollowsRedirectsButNotForEver) {
  ScriptedServer server([](int fd) {
    const std::string head = read_head(fd);
    if (head.starts_with("GET /loop"))
      send_text(fd, "HTTP/1.1 302 Found\r\nLocation: /loop?x\r\nContent-Length: 0\r\n\r\n");
    if (head.starts_with("GET /once"))
      send_text(fd, "HTTP/1.1 301 Moved\r\nLocation: here\r\nContent-Length: 0\r\n\r\n");
    if (head.starts_with("GET /here")) send_text(fd, kOk);
  });
  const auto once = probe(record(server.at("http", "/once")));
  EXPECT_TRUE(once.succeeded()) << once.detail;
  EXPECT_EQ(once.redirects, 1);
  const auto loop = probe(record(server.at("http", "/loop")));
  EXPECT_EQ(loop.fault, ProbeFault::redirects);
  EXPECT_EQ(loop.redirects, 10);
  auto wanted = record(server.at("http", "/once"));
  wanted.texts["follow_redirects"] = "false";
  EXPECT_EQ(probe(wanted).fault, ProbeFault::status);
  wanted.lists["status"] = {"300-399"};
  EXPECT_TRUE(probe(wanted).succeeded());
}

TEST_F(HttpProbe, SecretsGoToTheTargetAlone) {
  http::TempDir directory;
  std::ofstream(directory / "token") << "s3cret\n";
  std::mutex mutex;
  std::string first, second;
  ScriptedServer other([&](int fd) {
    const std::string head = read_head(fd);
    {
      const std::lock_guard lock(mutex);
      second = head;
    }
    send_text(fd, kOk);
  });
  ScriptedServer server([&](int fd) {
    const std::string head = read_head(fd);
    {
      const std::lock_guard lock(mutex);
      first = head;
    }
    send_text(fd, "HTTP/1.1 302 Found\r\nLocation: " + other.at("http", "/") + "\r\nContent-Length: 0\r\n\r\n");
  });
  auto wanted = record(server.at("http", "/a?b"));
  wanted.texts["bearer_token_file"] = directory / "token";
  wanted.lists["headers"] = {"X-Key=k3y"};
  EXPECT_TRUE(probe(wanted).succeeded());
  const std::lock_guard lock(mutex);
  EXPECT_NE(first.find("Authorization: Bearer s3cret\r\n"), first.npos) << first;
  EXPECT_NE(first.find("X-Key: k3y\r\n"), first.npos) << first;
  EXPECT_TRUE(first.starts_with("GET /a?b HTTP/1.1\r\n")) << first;
  EXPECT_TRUE(second.starts_with("GET / HTTP/1.1\r\n")) << second;
  EXPECT_EQ(second.find("s3cret"), second.npos) << second;
  EXPECT_EQ(second.find("k3y"), second.npos) << second;
  wanted.texts["bearer_token_file"] = directory / "none";
  EXPECT_EQ(probe(wanted).fault, ProbeFault::file);
}

TEST(Redirected, ResolvesEveryForm) {
  struct Case {
    const char *base, *location, *url;
  };
  constexpr Case kCases[] = {
      {"http://a/b/c?d", "https://e/f", "https://e/f"},
      {"http://a/b/c?d", "//e/f", "http://e/f"},
      {"http://a/b/c?d", "/f", "http://a/f"},
      {"http://a/b/c?d", "f#g", "http://a/b/f"},
      {"http://a/b/c?d", "?g", "http://a/b/c?g"},
      {"http://a", "f", "http://a/f"},
      {"http://a", "?g", "http://a/?g"},
      {"unix:/s:/b", "/f", "unix:/s:/f"},
      {"http://a/b", "/f:g", "http://a/f:g"},
  };
  for (const auto& [base, location, url] : kCases) EXPECT_EQ(redirected(base, location).value_or("-"), url);
  for (const char* location : {"", "#x", "unix:/etc/passwd", "ftp://x/", "javascript:1"})
    EXPECT_FALSE(redirected("http://a/", location)) << location;
}

TEST(BasicAuthorization, EncodesAsRfc7617) {
  EXPECT_EQ(basic_authorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(basic_authorization("a", "bc"), "Basic YTpiYw==");
  EXPECT_EQ(basic_authorization("ab", "cde"), "Basic YWI6Y2Rl");
}

}  // namespace
}  // namespace vitalsd
