// Tests the life of a server: limits, addresses, rebinding and the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>

#include "exporters/http/listener.h"
#include "http_fixture.h"

namespace vitalsd::http {
namespace {

using std::chrono::milliseconds;
using Life = HttpServer;

Limits quick() {
  Limits limits;
  limits.progress = milliseconds(60);
  return limits;
}

TEST_F(Life, ARequestThatDoesNotArriveIs408) {
  start(quick());
  for (const std::string_view part : {"G", "GET /metrics HTTP/1.1\r\nHost: h\r\nX",
                                      "POST /-/reload HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"}) {
    RawClient client(address_);
    const Reply reply = client.send(part).reply();
    EXPECT_EQ(reply.status, 408U) << part;
    EXPECT_TRUE(reply.has("Connection: close"));
    EXPECT_TRUE(client.at_end());
  }
}

TEST_F(Life, DripFeedingDoesNotBuyTime) {
  start(quick());
  RawClient client(address_);
  client.send("GET /metrics HTTP/1.1\r\n");
  while (client.is_open()) {
    client.send("X: y\r\n");
    on_loop([] {});
  }
  const unsigned status = client.reply().status;
  EXPECT_TRUE(status == 408U || status == 431U) << status;
}

TEST_F(Life, ASilentConnectionJustEnds) {
  start(quick());
  RawClient silent(address_), blank(address_);
  blank.send("\r\n");
  EXPECT_TRUE(silent.at_end());
  EXPECT_TRUE(blank.at_end());
  EXPECT_TRUE(seen().empty());
}

TEST_F(Life, AnIdleConnectionEndsAfterItsTime) {
  Limits limits;
  limits.idle = milliseconds(40);
  start(limits);
  RawClient client(address_);
  EXPECT_EQ(client.get("/metrics").reply().status, 200U);
  EXPECT_TRUE(client.at_end());
}

TEST_F(Life, AClientThatDoesNotReadIsDropped) {
  start(quick());
  RawClient client(address_, 4096);
  client.get("/big");
  while (seen().empty()) std::this_thread::yield();  // the response was cut off
  EXPECT_LT(client.drain_all(), big_->size());
  RawClient other(address_);
  EXPECT_EQ(other.get("/metrics").reply().body, "ok");
}

TEST_F(Life, BeyondTheLimitTheLongestIdleOneGoes) {
  Limits limits;
  limits.connections = 3;
  start(limits);
  RawClient first(address_);
  EXPECT_EQ(first.get("/metrics").reply().status, 200U);
  RawClient second(address_);
  EXPECT_EQ(second.get("/metrics").reply().status, 200U);
  RawClient third(address_);
  EXPECT_EQ(third.get("/metrics").reply().status, 200U);
  EXPECT_EQ(first.get("/metrics").reply().status, 200U);  // now the second one has been idle longest
  RawClient fourth(address_);
  EXPECT_EQ(fourth.get("/metrics").reply().status, 200U);
  EXPECT_TRUE(second.at_end());
  EXPECT_TRUE(first.is_open());
  EXPECT_TRUE(third.is_open());
}

TEST_F(Life, BeyondTheLimitWithNoneIdleIs503) {
  Limits limits;
  limits.connections = 2;
  start(limits);
  RawClient first(address_), second(address_);
  first.get("/wait");
  second.get("/wait");
  await_waiting(2);
  for (int i = 0; i < 3; ++i) {
    RawClient extra(address_);
    const Reply reply = extra.get("/metrics").reply();
    EXPECT_EQ(reply.status, 503U);
    EXPECT_TRUE(reply.has("Retry-After: 1"));
    extra.finish_sending();
    EXPECT_TRUE(extra.at_end());
  }
  std::vector<std::unique_ptr<RawClient>> flood;  // more than may send a request before the 503
  for (int i = 0; i < 40; ++i) flood.push_back(std::make_unique<RawClient>(address_));
  EXPECT_EQ(flood.back()->reply().status, 503U);
  release_waiting();
  EXPECT_EQ(first.reply().body, "waited\n");
  EXPECT_EQ(second.reply().body, "waited\n");
}

// Not under UBSan, which itself needs descriptors to check objects.
#ifndef __SANITIZE_ADDRESS__
TEST_F(Life, OutOfDescriptorsPausesAndGoesOn) {
  start();
  RawClient waiting(address_);
  EXPECT_EQ(waiting.get("/metrics").reply().status, 200U);
  rlimit old{};
  ::getrlimit(RLIMIT_NOFILE, &old);
  std::vector<Fd> all;
  const rlimit low{64, old.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &low);
  for (Fd fd(::dup(0)); fd; fd = Fd(::dup(0))) all.push_back(std::move(fd));
  ASSERT_GT(all.size(), 1U);
  all.pop_back();
  RawClient late(address_);
  late.get("/metrics");
  on_loop([] {});
  all.clear();
  EXPECT_EQ(late.reply().body, "ok");
  ::setrlimit(RLIMIT_NOFILE, &old);
}
#endif

TEST_F(Life, ManyAddresses) {
  const TempDir directory;
  const std::string socket = "unix:" + (directory / "vitalsd.sock");
  start({}, {":0", "127.0.0.1:0", "localhost:0", socket});
  std::vector<std::string> all;
  on_loop([&] { all = server_->addresses(); });
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[3], socket);
  for (const std::string& address : all) {
    EXPECT_FALSE(address.ends_with(":0"));
    RawClient client(address);
    EXPECT_EQ(client.get("/metrics").reply().body, "ok") << address;
  }
  const std::string port = all[0].substr(all[0].rfind(':'));
  RawClient v4("127.0.0.1" + port);  // the IPv6 socket takes IPv4 as well
  EXPECT_EQ(v4.get("/metrics").reply().body, "ok");
  struct stat status;
  ASSERT_EQ(::stat((directory / "vitalsd.sock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0111, 0U);
  on_loop([&] { server_.reset(); });
  EXPECT_FALSE(std::filesystem::exists(directory / "vitalsd.sock"));
}

TEST_F(Life, ABusyPortIsAClearError) {
  start();
  try {
    on_loop([&] { server_->bind(bindings({address_ + "", "127.0.0.1:0", address_}, routes("new"))); });
    FAIL() << "bound twice";
  } catch (const ListenError& error) {
    EXPECT_EQ(error.what(), "listen address " + address_ + ": Address already in use");
  }
  RawClient client(address_);
  EXPECT_EQ(client.get("/metrics").reply().body, "ok");  // nothing has changed
}

TEST(Listener, StaleSocketFilesAreReplacedAndOthersAreNot) {
  const TempDir directory;
  const std::string path = directory / "s", address = "unix:" + path;
  const SocketName name = unix_name(path);
  {
    const Fd crashed(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(crashed.get(), name.get(), name.size), 0);
  }
  {
    ListenSocket ours = open_listener(address);
    EXPECT_EQ(ours.name, address);
    try {
      open_listener(address);
      FAIL() << "took a socket that is answered";
    } catch (const ListenError& error) {
      EXPECT_EQ(error.what(), "listen address " + address + ": Address already in use");
    }
    // A file that somebody else put in place of our socket is not removed.
    ::unlink(path.c_str());
    std::ofstream(path) << "precious";
  }
  EXPECT_TRUE(std::filesystem::exists(path));
  try {
    open_listener(address);
    FAIL() << "replaced a plain file";
  } catch (const ListenError& error) {
    EXPECT_EQ(error.what(), "listen address " + address + ": the file exists and is no socket");
  }
  EXPECT_THROW(open_listener("unix:" + (directory / "no/such/s")), ListenError);
}

TEST_F(Life, RebindingKeepsSocketsAndConnections) {
  start({}, {"127.0.0.1:0", "localhost:0"});
  std::vector<std::string> before, after;
  on_loop([&] { before = server_->addresses(); });
  RawClient kept(before[0]), dropped(before[1]), busy(before[1]);
  EXPECT_EQ(kept.get("/metrics").reply().body, "ok");
  EXPECT_EQ(dropped.get("/metrics").reply().body, "ok");
  busy.get("/wait");
  await_waiting(1);
  const TempDir directory;
  on_loop([&] {
    server_->bind(bindings({"127.0.0.1:0", "unix:" + (directory / "s")}, routes("new")));
    after = server_->addresses();
  });
  EXPECT_EQ(after[0], before[0]);
  EXPECT_EQ(kept.get("/metrics").reply().body, "new");
  EXPECT_TRUE(dropped.at_end());
  release_waiting();
  const Reply last = busy.reply();
  EXPECT_EQ(last.body, "waited\n");
  EXPECT_TRUE(last.has("Connection: close"));
  EXPECT_TRUE(busy.at_end());
  EXPECT_FALSE(RawClient(before[1]).connected());
  EXPECT_EQ(RawClient(after[1]).get("/metrics").reply().body, "new");
}

TEST_F(Life, AFailedRebindChangesNothing) {
  start();
  for (const std::vector<std::string>& bad : {std::vector<std::string>{"127.0.0.1:0", "nonsense"},
                                              {"unix:/no/such/directory/s"},
                                              {"192.0.2.1:0", "127.0.0.1:0"}}) {
    EXPECT_THROW(on_loop([&] { server_->bind(bindings(bad, routes("new"))); }), ListenError);
  }
  RawClient client(address_);
  EXPECT_EQ(client.get("/metrics").reply().body, "ok");
}

TEST_F(Life, AnInheritedSocketIsServed) {
  start();
  ListenSocket made = open_listener("127.0.0.1:0");
  const Fd not_listening(::socket(AF_INET, SOCK_STREAM, 0));
  const int fd = made.fd.get();
  EXPECT_THROW(on_loop([&] { server_->bind({{"a", routes("new"), fd}, {"b", routes("new"), not_listening.get()}}); }),
               ListenError);
  EXPECT_GE(::fcntl(fd, F_GETFD), 0);  // still the caller's
  std::vector<std::string> all;
  on_loop([&] {
    server_->bind({{"systemd:0", routes("new"), made.fd.release()}});
    all = server_->addresses();
  });
  EXPECT_EQ(all, std::vector<std::string>{made.name});
  EXPECT_EQ(RawClient(made.name).get("/metrics").reply().body, "new");
}

TEST_F(Life, DrainFinishesWhatIsInFlight) {
  start();
  RawClient idle(address_), busy(address_), partial(address_);
  EXPECT_EQ(idle.get("/metrics").reply().status, 200U);
  partial.send("GET /metrics HTTP/1.1\r\nHo");
  busy.get("/wait");
  await_waiting(1);
  std::promise<void> drained;
  on_loop([&] {
    server_->on_drained([&] { drained.set_value(); });
    server_->drain();
  });
  EXPECT_TRUE(idle.at_end());
  EXPECT_FALSE(RawClient(address_).connected());
  while (connections() != 2) std::this_thread::yield();
  partial.send("st: h\r\n\r\n");
  const Reply whole = partial.reply();
  EXPECT_EQ(whole.body, "ok");
  EXPECT_TRUE(whole.has("Connection: close"));
  release_waiting();
  EXPECT_EQ(busy.reply().body, "waited\n");
  EXPECT_TRUE(busy.at_end());
  EXPECT_EQ(drained.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(Life, DrainServesWhatHasArrivedButWasNotRead) {
  start();
  RawClient kept(address_);
  EXPECT_EQ(kept.get("/metrics").reply().status, 200U);
  std::optional<RawClient> fresh;
  on_loop([&] {  // the loop is busy, so both requests are still in the kernel
    kept.get("/metrics");
    fresh.emplace(address_).get("/metrics");
    server_->drain();
  });
  EXPECT_EQ(kept.reply().body, "ok");
  EXPECT_EQ(fresh->reply().body, "ok");
  EXPECT_TRUE(kept.at_end());
  EXPECT_TRUE(fresh->at_end());
}

TEST_F(Life, DrainWaitsForTheFirstRequestOfWhoHasJustConnected) {
  Limits patient;
  patient.last_call = std::chrono::minutes(1);
  start(patient);
  RawClient accepted(address_);
  while (connections() != 1) std::this_thread::yield();
  std::optional<RawClient> waiting;
  on_loop([&] {
    waiting.emplace(address_);  // accepted by drain() itself
    server_->drain();
  });
  for (RawClient* client : {&accepted, &*waiting}) {
    const Reply reply = client->get("/metrics").reply();
    EXPECT_EQ(reply.body, "ok");
    EXPECT_TRUE(reply.has("Connection: close"));
    EXPECT_TRUE(client->at_end());
  }
}

TEST_F(Life, DrainDoesNotWaitLongForWhoConnectedAndIsSilent) {
  Limits limits;
  limits.progress = limits.idle = std::chrono::minutes(10);
  limits.last_call = milliseconds(20);
  start(limits);
  RawClient accepted(address_);
  while (connections() != 1) std::this_thread::yield();
  std::optional<RawClient> waiting;
  std::promise<void> drained;
  on_loop([&] {
    waiting.emplace(address_);
    server_->on_drained([&] { drained.set_value(); });
    server_->drain();
  });
  EXPECT_EQ(drained.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_TRUE(accepted.at_end());
  EXPECT_TRUE(waiting->at_end());
}

TEST_F(Life, DrainedAtOnceWhenNothingIsOpen) {
  start();
  std::promise<void> drained;
  on_loop([&] {
    server_->drain();
    server_->on_drained([&] { drained.set_value(); });
  });
  EXPECT_EQ(drained.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(Life, AbortClosesAllAtOnce) {
  start();
  RawClient idle(address_), busy(address_), slow(address_, 4096);
  EXPECT_EQ(idle.get("/metrics").reply().status, 200U);
  busy.get("/wait");
  slow.get("/big");
  await_waiting(1);
  on_loop([&] { server_->abort(); });
  EXPECT_TRUE(idle.at_end());
  EXPECT_TRUE(busy.at_end());
  EXPECT_LT(slow.drain_all(), big_->size());
  release_waiting();
}

TEST_F(Life, TheServerMayGoBeforeItsConnections) {
  start();
  RawClient busy(address_), idle(address_);
  busy.get("/wait");
  EXPECT_EQ(idle.get("/metrics").reply().status, 200U);
  await_waiting(1);
  on_loop([&] { server_.reset(); });
  EXPECT_TRUE(busy.at_end());
  EXPECT_TRUE(idle.at_end());
  release_waiting();
}

TEST(ServerEnd, TheLoopMayGoWithConnectionsWaiting) {
  auto loop = std::make_unique<boost::asio::io_context>(1);
  std::optional<Server> server(std::in_place, *loop, Limits{}, nullptr);
  server->bind({{"127.0.0.1:0", std::make_shared<const Routes>()}});
  RawClient client(server->addresses().front());
  client.send("GET / HT");
  while (server->connections() == 0) loop->run_one();
  server.reset();
  loop.reset();
  EXPECT_FALSE(client.is_open());
}

}  // namespace
}  // namespace vitalsd::http
