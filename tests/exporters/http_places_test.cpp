// Tests which clients are served when there are more than the listener has places.
#include <netinet/in.h>

#include "exporters/http/client.h"
#include "exporters/http/peers.h"
#include "tests/exporters/certificates.h"
#include "tests/exporters/http_fixture.h"

namespace vitalsd::http {
namespace {

using namespace std::chrono_literals;

class HttpPlaces : public HttpServer {
 protected:
  static Limits few(std::size_t connections) {
    Limits limits;
    limits.connections = connections;
    limits.header = limits.progress = limits.idle = limits.pressed = 10min;  // no connection times out
    return limits;
  }
  RawClient& from(const std::string& source, const std::string& address) {
    return *clients_.emplace_back(std::make_unique<RawClient>(address, 0, source));
  }
  unsigned ask(const std::string& source, const std::string& address) {
    return RawClient(address, 0, source).get("/metrics", "Connection: close\r\n").reply().status;
  }
  std::string address(std::size_t index) {
    std::string text;
    on_loop([&] { text = server_->addresses()[index]; });
    return text;
  }
  std::vector<std::unique_ptr<RawClient>> clients_;
};

TEST_F(HttpPlaces, HeadsThatDoNotComeGiveWayToThoseThatDo) {
  start(few(8));
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 8; ++i) from("127.0.0.1", address_).send("G");
    EXPECT_EQ(ask("127.0.0.1", address_), 200U) << round;
  }
  EXPECT_TRUE(clients_.front()->at_end());
}

TEST_F(HttpPlaces, OneListenerTakesNoneOfAnother) {
  start(few(2), {"127.0.0.1:0", "localhost:0"});
  for (int i = 0; i < 2; ++i) from("127.0.0.1", address_).get("/wait");
  await_waiting(2);
  EXPECT_EQ(ask("127.0.0.1", address_), 503U);
  EXPECT_EQ(ask("127.0.0.1", address(1)), 200U);
  release_waiting();
}

TEST_F(HttpPlaces, APartIsHeldForAddressesThatWereServedBefore) {
  start(few(4));
  EXPECT_EQ(ask("127.0.0.2", address_), 200U);
  for (int i = 0; i < 3; ++i) from("127.0.0.3", address_).get("/wait");
  await_waiting(3);
  EXPECT_EQ(ask("127.0.0.4", address_), 503U);
  EXPECT_EQ(ask("127.0.0.2", address_), 200U);
  release_waiting();
}

TEST_F(HttpPlaces, WhoFloodsGivesWayBeforeOthers) {
  start(few(8));
  RawClient& slow = from("127.0.0.2", address_).send("G");
  for (int i = 0; i < 40; ++i) from("127.0.0.3", address_).send("G");
  EXPECT_EQ(ask("127.0.0.3", address_), 200U);
  EXPECT_EQ(slow.send("ET /metrics HTTP/1.1\r\nHost: h\r\n\r\n").reply().status, 200U);
}

TEST_F(HttpPlaces, AHeadHasATimeOfItsOwnWhichIsShorterUnderPressure) {
  Limits limits = few(4);
  limits.header = 20ms;
  start(limits);
  EXPECT_EQ(from("127.0.0.1", address_).send("G").reply().status, 408U);
  limits.header = 10min;
  limits.pressed = 20ms;
  on_loop([&] { server_->limit(limits); });
  RawClient& first = from("127.0.0.1", address_).send("G");
  from("127.0.0.1", address_).send("G");
  EXPECT_EQ(first.reply().status, 408U) << "half of the places are taken";
}

TEST_F(HttpPlaces, HandshakesUnderWayAreLimited) {
  Limits limits = few(100);
  limits.handshakes = 4;
  start(limits);
  tls::Certificates certificates;
  certificates.make("a");
  const auto context =
      tls::Context::server({.certificate = certificates.text("a.crt"), .key = certificates.text("a.key")});
  ASSERT_TRUE(context) << context.error().message;
  Guard guard;
  guard.tls = *context;
  on_loop([&] {
    server_->bind({{"127.0.0.1:0", routes("ok"), -1, std::make_shared<const Guard>(std::move(guard))}});
    address_ = server_->addresses().front();
  });
  for (int i = 0; i < 20; ++i) from("127.0.0.1", address_).send(std::string_view("\x16\x03\x01\x02\x00", 5));
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(clients_[static_cast<std::size_t>(i)]->at_end()) << i;
  while (connections() > 4) std::this_thread::yield();  // a connection ends shortly after its socket
  EXPECT_EQ(fetch("https://" + address_ + "/metrics", 20s, Trust::anyone)->body, "ok");
}

sockaddr_storage v6(std::uint8_t network, std::uint8_t host) {
  sockaddr_storage name{};
  auto& in = reinterpret_cast<sockaddr_in6&>(name);
  in.sin6_family = AF_INET6;
  in.sin6_addr.s6_addr[0] = 0x20;
  in.sin6_addr.s6_addr[7] = network;
  in.sin6_addr.s6_addr[15] = host;
  return name;
}

sockaddr_storage v4(std::uint32_t address) {
  sockaddr_storage name{};
  auto& in = reinterpret_cast<sockaddr_in&>(name);
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(address);
  return name;
}

sockaddr_storage mapped(std::uint32_t address) {
  sockaddr_storage name{};
  auto& in = reinterpret_cast<sockaddr_in6&>(name);
  in.sin6_family = AF_INET6;
  in.sin6_addr.s6_addr[10] = in.sin6_addr.s6_addr[11] = 0xFF;
  for (std::size_t i = 0; i < 4; ++i) in.sin6_addr.s6_addr[12 + i] = static_cast<std::uint8_t>(address >> (24 - 8 * i));
  return name;
}

TEST(HttpPeers, ANetworkOfIpv6IsOnePeerAndAnAddressOfIpv4) {
  Peers peers;
  EXPECT_EQ(peers.of(v6(1, 1)), peers.of(v6(1, 2)));
  EXPECT_NE(peers.of(v6(1, 1)), peers.of(v6(2, 1)));
  EXPECT_NE(peers.of(v4(0x0A000001)), peers.of(v4(0x0A000002)));
  EXPECT_EQ(peers.of(v4(0x0A000001)), peers.of(mapped(0x0A000001)));
  EXPECT_NE(peers.of(mapped(0x0A000001)), peers.of(mapped(0x0A000002)));
}

TEST(HttpPeers, StrangersDoNotPushOutWhoWasServed) {
  Peers peers;
  peers.of(v4(1))->served = true;
  peers.of(v4(2))->open = 1;
  for (std::uint32_t i = 1000; i < 10'000; ++i) peers.of(v4(i));
  EXPECT_LE(peers.size(), 2 * Peers::kMost + 1);
  EXPECT_TRUE(peers.of(v4(1))->served);
  EXPECT_EQ(peers.of(v4(2))->open, 1U);
  for (std::uint32_t i = 1000; i < 10'000; ++i) peers.of(v4(i))->served = true;
  peers.tidy();
  EXPECT_EQ(peers.size(), Peers::kMost);
  EXPECT_FALSE(peers.of(v4(1))->served) << "it was seen longest ago";
  EXPECT_EQ(peers.of(v4(2))->open, 1U);
}

}  // namespace
}  // namespace vitalsd::http
