// Tests bodies that a route takes in parts, by length or in chunks, and those that do not arrive completely.
#include <gtest/gtest.h>

#include "exporters/http/body_reader.h"
#include "http_fixture.h"

namespace vitalsd::http {
namespace {

using boost::asio::awaitable;

std::string body_of(std::string_view bytes, std::size_t piece, bool& failed, std::size_t room = 1000) {
  BodyReader reader(std::nullopt);
  std::string out;
  while (!bytes.empty() && !reader.is_done() && !reader.has_failed()) {
    const std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(reader.take(part, out, room));
  }
  failed = !reader.is_done();
  return out;
}

TEST(BodyReader, UndoesChunksHoweverTheyAreCut) {
  const std::string_view text = "4\r\nWiki\r\n00a;x=\"y\" \r\npedia in\r\n\r\n0\r\nTrailer: 1\r\n\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    bool failed = false;
    EXPECT_EQ(body_of(text, piece, failed), "Wikipedia in\r\n") << piece;
    EXPECT_FALSE(failed) << piece;
  }
}

TEST(BodyReader, RefusesWhatIsNoChunk) {
  for (const std::string_view text : {"\r\n", "x\r\n", "4Wiki", "4\nWiki\r\n", "4\r\nWikipedia", "4\r\nWikix\r\n",
                                      "4\rWiki", "FFFFFFFFFFFFFFFFF\r\n", "4;a\nb\r\n", "-1\r\n"}) {
    bool failed = false;
    body_of(text, 1, failed);
    EXPECT_TRUE(failed) << text;
  }
  bool failed = false;
  body_of("1;" + std::string(BodyReader::kMostFraming, 'x') + "\r\na\r\n0\r\n\r\n", 100, failed);
  EXPECT_TRUE(failed);
}

TEST(BodyReader, LeavesWhatComesBehindTheBody) {
  std::string out;
  BodyReader by_length(3U);
  EXPECT_EQ(by_length.take("abcGET", out, 100), 3U);
  BodyReader chunked(std::nullopt);
  EXPECT_EQ(chunked.take("0\r\n\r\nGET", out, 100), 5U);
  EXPECT_EQ(out, "abc");
  EXPECT_TRUE(BodyReader(0U).is_done());
}

class Uploads : public HttpServer {
 protected:
  struct Parts {
    std::size_t count = 0, longest = 0, given_up = 0, alive = 0;
    std::size_t limit = 10U << 20U;
    std::string body;
  };
  class Collect final : public Upload {
   public:
    explicit Collect(Parts& parts) : parts_(parts) { ++parts_.alive; }
    ~Collect() override { --parts_.alive; }
    awaitable<std::optional<Response>> take(std::string part) override {
      ++parts_.count;
      parts_.longest = std::max(parts_.longest, part.size());
      parts_.body += part;
      if (parts_.body == "throw") throw std::runtime_error("the reason");
      if (parts_.body.size() > parts_.limit) co_return text_response(413, "too much");
      co_return std::nullopt;
    }
    awaitable<Response> finish() override { co_return text_response(200, std::to_string(parts_.body.size())); }
    awaitable<void> give_up() override {
      ++parts_.given_up;
      co_return;
    }

   private:
    Parts& parts_;
  };

  void start_uploads(Limits limits = {}) {
    start(limits);
    on_loop([this] {
      auto routes = std::make_shared<Routes>(*this->routes("ok"));
      routes->push_back({.path = "/in/",
                         .label = "in",
                         .methods = "PUT",
                         .handle = {},
                         .prefix = true,
                         .upload = [this](const Request& request) { return open(request); }});
      routes->push_back({.path = "/token/",
                         .label = "token",
                         .methods = "PUT",
                         .handle = {},
                         .prefix = true,
                         .upload = [this](const Request& request) { return open(request); },
                         .judge = [](std::string_view shown, bool) { return judge(shown == "t"); }});
      server_->bind(bindings({"127.0.0.1:0"}, routes));
      address_ = server_->addresses().front();
    });
  }
  static awaitable<Entry> judge(bool granted) { co_return granted ? Entry::granted : Entry::denied; }
  awaitable<Opened> open(Request request) {
    Opened opened;
    if (request.path == "/in/no") {
      opened.refusal = text_response(415, "not this");
    } else {
      opened.upload = std::make_unique<Collect>(parts_);
    }
    co_return opened;
  }
  Parts parts() {
    Parts copy;
    on_loop([&] { copy = parts_; });
    return copy;
  }
  static std::string put(std::size_t length, const std::string& path = "/in/a") {
    return "PUT " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
  }

  Parts parts_;
};

TEST_F(Uploads, ArriveInPartsAndKeepTheConnection) {
  start_uploads();
  RawClient client(address_);
  const std::string body(300'000, 'x');
  EXPECT_EQ(client.send(put(body.size())).send(body).reply().body, "300000\n");
  EXPECT_EQ(parts().body, body);
  EXPECT_GT(parts().count, 3U);
  EXPECT_LE(parts().longest, 64U << 10U);
  EXPECT_EQ(parts().given_up, 0U);
  EXPECT_EQ(client.send(put(0)).reply().body, "300000\n");
  EXPECT_EQ(client.get("/metrics").reply().body, "ok");
  EXPECT_EQ(parts().alive, 0U);
}

TEST_F(Uploads, ArriveInChunks) {
  start_uploads();
  RawClient client(address_);
  client.send("PUT /in/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(client.reply().body, "5\n");
  EXPECT_EQ(parts().body, "abcde");
  EXPECT_EQ(client.get("/metrics").reply().body, "ok");
  client.send("PUT /in/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
  EXPECT_EQ(client.reply().status, 400U);
  EXPECT_TRUE(client.at_end());
}

TEST_F(Uploads, OtherEncodingsOfTheTransferAreRefused) {
  start_uploads();
  for (const std::string field : {"gzip", "gzip, chunked", "chunked, chunked", "identity"}) {
    RawClient client(address_);
    client.send("PUT /in/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + field + "\r\n\r\n0\r\n\r\n");
    const unsigned status = client.reply().status;
    EXPECT_TRUE(status == 501 || status == 400) << field << ": " << status;
  }
}

TEST_F(Uploads, AreRefusedBeforeTheirBodyIsAskedFor) {
  start_uploads();
  RawClient client(address_);
  client.send("PUT /in/no HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.reply().status, 415U);
  RawClient patient(address_);
  patient.send("PUT /in/a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(patient.reply(true).head, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(patient.send("abc").reply().status, 200U);
}

TEST_F(Uploads, AreRefusedInTheMiddle) {
  parts_.limit = 100'000;
  start_uploads();
  RawClient client(address_);
  client.send(put(1'000'000)).send(std::string(1'000'000, 'x'));
  const Reply reply = client.reply();
  EXPECT_EQ(reply.status, 413U);
  EXPECT_TRUE(reply.has("Connection: close"));
  EXPECT_EQ(parts().given_up, 1U);
  EXPECT_EQ(parts().alive, 0U);
}

TEST_F(Uploads, ThatFailAreAnsweredAndGivenUp) {
  start_uploads();
  RawClient client(address_);
  const Reply reply = client.send(put(5)).send("throw").reply();
  EXPECT_EQ(reply.status, 500U);
  EXPECT_EQ(reply.body, "the handler failed: the reason\n");
  EXPECT_EQ(parts().given_up, 1U);
}

TEST_F(Uploads, ThatEndEarlyAreGivenUp) {
  start_uploads();
  {
    RawClient client(address_);
    client.send(put(100'000)).send(std::string(70'000, 'x'));
    while (parts().count == 0) {
    }
  }
  while (connections() != 0) {
  }
  EXPECT_EQ(parts().given_up, 1U);
  EXPECT_EQ(parts().alive, 0U);
}

TEST_F(Uploads, MustGetOn) {
  Limits limits;
  limits.progress = std::chrono::milliseconds(300);
  start_uploads(limits);
  RawClient dripping(address_);
  dripping.send(put(1'000'000));
  std::jthread drip([&](const std::stop_token& stop) {  // each byte arrives in time, but the whole far too late
    while (!stop.stop_requested()) {
      dripping.send("x");
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  EXPECT_EQ(dripping.reply().status, 408U);
  drip.request_stop();
  drip.join();
  while (parts().given_up == 0) {
  }
}

TEST_F(Uploads, HaveAJudgeOfTheirOwn) {
  start_uploads();
  RawClient client(address_);
  client.send("PUT /token/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nAuthorization: x\r\n\r\na");
  EXPECT_EQ(client.reply().status, 401U);
  RawClient trusted(address_);
  trusted.send("PUT /token/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nAuthorization: t\r\n\r\na");
  EXPECT_EQ(trusted.reply().status, 200U);
}

TEST_F(Uploads, TakeTheMethodsOfTheirRoute) {
  start_uploads();
  RawClient client(address_);
  const Reply reply = client.get("/in/a").reply();
  EXPECT_EQ(reply.status, 405U);
  EXPECT_TRUE(reply.has("Allow: PUT"));
}

}  // namespace
}  // namespace vitalsd::http
