// Tests the responses to all kinds of requests, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporters/http/client.h"
#include "http_fixture.h"

namespace vitalsd::http {
namespace {

using Protocol = HttpServer;

TEST_F(Protocol, AnswersAndKeepsTheConnection) {
  start();
  RawClient client(address_);
  for (int i = 0; i < 3; ++i) {
    const Reply reply = client.get("/metrics").reply();
    EXPECT_EQ(reply.status, 200U);
    EXPECT_EQ(reply.body, "ok");
    EXPECT_TRUE(reply.has("Content-Type: text/plain; charset=utf-8"));
    EXPECT_TRUE(reply.has("Cache-Control: no-store"));
    EXPECT_TRUE(reply.has("X-Content-Type-Options: nosniff"));
    EXPECT_EQ(reply.head.find("Connection:"), std::string::npos);
  }
  EXPECT_TRUE(client.is_open());
  const auto all = seen();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].label, "metrics");
  EXPECT_EQ(all[0].status, 200U);
}

TEST_F(Protocol, GivesTheHandlerWhatCame) {
  start();
  RawClient client(address_);
  const Reply reply = client
                          .get("/echo?collect[]=a%20b&x",
                               "Accept: text/plain\r\nACCEPT-ENCODING: gzip\r\nAccept-Encoding: br\r\n"
                               "x-prometheus-scrape-timeout-seconds: 9.5\r\n")
                          .reply();
  EXPECT_EQ(reply.body, "GET|/echo|collect[]=a%20b&x|text/plain|gzip, br|9500000000\n");
  EXPECT_EQ(client.get("/echo").reply().body, "GET|/echo||||none\n");
  EXPECT_EQ(client.get("http://elsewhere:1/echo?y").reply().body, "GET|/echo|y|||none\n");
}

TEST_F(Protocol, HeadHasTheLengthAndNoBody) {
  start();
  RawClient client(address_);
  const Reply reply = client.send("HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n").reply(true);
  EXPECT_EQ(reply.status, 200U);
  EXPECT_TRUE(reply.has("Content-Length: 2"));
  EXPECT_EQ(client.get("/metrics").reply().body, "ok");  // nothing was left over
  client.send("HEAD /nowhere HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.reply(true).status, 404U);
  EXPECT_TRUE(client.at_end());
}

TEST_F(Protocol, Refusals) {
  Limits limits;
  limits.header_bytes = 1024;
  limits.target_bytes = 100;
  limits.body_bytes = 10;
  start(limits);
  const std::string get = "GET /metrics HTTP/1.1\r\nHost: h\r\n";
  const std::string post = "POST /-/reload HTTP/1.1\r\nHost: h\r\n";
  struct Case {
    std::string request;
    unsigned status;
    std::string_view field = "Connection: close", label = "other";
  };
  const Case cases[] = {
      {"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n", 404},
      {"GET /metrics/ HTTP/1.1\r\nHost: h\r\n\r\n", 404},
      {"GET /%6Detrics HTTP/1.1\r\nHost: h\r\n\r\n", 404},
      {"GET /../metrics HTTP/1.1\r\nHost: h\r\n\r\n", 404},
      {"POST /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab", 405, "Allow: GET, HEAD", "metrics"},
      {"get /metrics HTTP/1.1\r\nHost: h\r\n\r\n", 405, "Allow: GET, HEAD", "metrics"},
      {"GET /-/reload HTTP/1.1\r\nHost: h\r\n\r\n", 405, "Allow: POST, PUT", "reload"},
      {"GET /metrics HTTP/1.1\r\n\r\n", 400},
      {"GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET  /metrics HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /metrics\r\n\r\n", 400},
      {"GET /metrics HTTP/2.0\r\nHost: h\r\n\r\n", 400},
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400},
      {get + "Bad Field: x\r\n\r\n", 400},
      {get + "Content-Length: -1\r\n\r\n", 400},
      {get + "Content-Length: 99999999999999999999\r\n\r\n", 400},
      {get + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {get + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, "Connection: close", "reload"},
      {post + "Content-Length: 11\r\n\r\n", 413, "Connection: close", "reload"},
      {"GET /" + std::string(100, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
      {"GET /" + std::string(2000, 'x'), 414},
      {get + "X: " + std::string(2000, 'x'), 431},
      {get + "X: " + std::string(2000, 'x') + "\r\n\r\n", 431},
      {get + "Expect: a miracle\r\n\r\n", 417},
  };
  for (const Case& c : cases) {
    RawClient client(address_);
    const Reply reply = client.send(c.request).reply();
    EXPECT_EQ(reply.status, c.status) << c.request;
    EXPECT_TRUE(reply.has("Connection: close")) << c.request;
    EXPECT_TRUE(reply.has(c.field)) << c.request;
    EXPECT_FALSE(reply.body.empty()) << c.request;
    client.finish_sending();
    EXPECT_TRUE(client.at_end()) << c.request;
    EXPECT_EQ(seen().back().status, c.status) << c.request;
    EXPECT_EQ(seen().back().label, c.label) << c.request;
  }
}

TEST_F(Protocol, ARefusalIsReadEvenByAClientThatStillSends) {
  start();
  RawClient client(address_);
  client.send("POST /-/reload HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));
  EXPECT_EQ(client.reply().status, 413U);
  EXPECT_TRUE(client.at_end());  // not a reset, which may overtake the answer
}

TEST_F(Protocol, AThrowingHandlerIs500AndSaysSo) {
  start();
  RawClient client(address_);
  const Reply reply = client.get("/throw").reply();
  EXPECT_EQ(reply.status, 500U);
  EXPECT_EQ(reply.body, "the handler failed: the reason\n");
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(seen().back().label, "throw");
  EXPECT_EQ(seen().back().status, 500U);
}

TEST_F(Protocol, Http10) {
  start();
  RawClient once(address_);
  EXPECT_TRUE(once.send("GET /metrics HTTP/1.0\r\n\r\n").reply().has("Connection: close"));
  EXPECT_TRUE(once.at_end());
  RawClient kept(address_);
  EXPECT_TRUE(
      kept.send("GET /metrics HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").reply().has("Connection: keep-alive"));
  EXPECT_EQ(kept.get("/metrics", "Connection: close\r\n").reply().body, "ok");
  EXPECT_TRUE(kept.at_end());
}

TEST_F(Protocol, PipelinedRequestsAreAnsweredInOrder) {
  start();
  RawClient client(address_);
  std::string all = "\r\n\r\n";  // empty lines before a request are allowed
  for (int i = 0; i < 500; ++i) all += "GET /echo?" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  client.send(all + "POST /-/reload HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nGET /" +
              "GET /echo?last HTTP/1.1\r\nHost: h\r\n\r\n");
  for (int i = 0; i < 500; ++i) ASSERT_EQ(client.reply().body, "GET|/echo|" + std::to_string(i) + "|||none\n");
  EXPECT_EQ(client.reply().body, "ok");
  EXPECT_EQ(client.reply().body, "GET|/echo|last|||none\n");
  EXPECT_TRUE(client.is_open());
}

TEST_F(Protocol, RequestsInTinyPieces) {
  start();
  RawClient client(address_);
  for (const char c : std::string("POST /-/reload HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")) {
    client.send(std::string_view(&c, 1));
    on_loop([] {});
  }
  EXPECT_EQ(client.reply().body, "ok");
}

TEST_F(Protocol, ExpectContinue) {
  start();
  RawClient client(address_);
  client.send("PUT /-/reload HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.reply().status, 100U);
  client.send("abc");
  EXPECT_EQ(client.reply().body, "ok");
  client.send("PUT /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.reply().status, 405U);  // answered before the body is sent
}

TEST_F(Protocol, ABigBodyArrivesWhole) {
  start();
  RawClient client(address_);
  const Reply reply = client.get("/big").reply();
  EXPECT_EQ(reply.status, 200U);
  EXPECT_TRUE(reply.body == *big_);
  EXPECT_EQ(client.get("/metrics").reply().body, "ok");
}

TEST_F(Protocol, AClientMayCloseItsHalf) {
  start();
  RawClient client(address_);
  client.get("/metrics").finish_sending();
  EXPECT_EQ(client.reply().body, "ok");
  EXPECT_TRUE(client.at_end());
}

TEST_F(Protocol, TheSmallClientReadsIt) {
  const TempDir directory;
  const std::string socket = "unix:" + (directory / "s");
  start({}, {"127.0.0.1:0", socket});
  using std::chrono::seconds;
  EXPECT_EQ(fetch("http://" + address_ + "/metrics", seconds(10))->body, "ok");
  EXPECT_EQ(fetch(socket + ":/echo?x", seconds(10))->body, "GET|/echo|x|||none\n");
  EXPECT_EQ(fetch(socket, seconds(10))->status, 404U);
  EXPECT_EQ(fetch("http://" + address_ + "/wait", std::chrono::milliseconds(30)).error(), "no answer in time");
  release_waiting();
  EXPECT_EQ(fetch("unix:" + (directory / "none"), seconds(10)).error(), "No such file or directory");
  EXPECT_EQ(fetch("http://" + address_ + "/big", seconds(10)).error(), "not an HTTP answer: body limit exceeded");
}

}  // namespace
}  // namespace vitalsd::http
