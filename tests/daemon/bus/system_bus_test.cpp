// Against a real dbus-daemon, and against what is none.
#include "daemon/bus/system_bus.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "core/fd.h"

namespace vitalsd::bus {
namespace {

using namespace std::chrono_literals;

constexpr BusObject kBus{"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"};

BusCall call(const char* member, const char* signature, const char* argument = nullptr) {
  return {kBus.service, kBus.path, kBus.interface, member, signature, {argument}};
}

class SystemBusTest : public testing::Test {
 protected:
  SystemBusTest() {
    std::string pattern = testing::TempDir() + "/bus_XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    socket_ = directory_ / "bus socket";
    bus_ = open_system_bus(addresses_of("/", ("unix:path=" + (directory_ / "bus%20socket").string()).c_str()));
  }
  ~SystemBusTest() override {
    end();
    std::filesystem::remove_all(directory_);
  }

  void start() {
    std::ofstream(directory_ / "conf")
        << "<busconfig><type>session</type><listen>unix:path=" << (directory_ / "bus%20socket").string()
        << "</listen><auth>EXTERNAL</auth><policy context='default'><allow send_destination='*'/><allow own='*'/>"
           "<allow receive_sender='*'/></policy><limit name='max_replies_per_connection'>128</limit></busconfig>";
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    daemon_ = ::fork();
    if (daemon_ == 0) {
      const std::string config = "--config-file=" + (directory_ / "conf").string();
      const std::string address = "--print-address=" + std::to_string(ready[1]);
      ::execlp("dbus-daemon", "dbus-daemon", "--nofork", "--nopidfile", config.c_str(), address.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ready[1]);
    const Fd from(ready[0]);
    char line[512];
    if (::read(from.get(), line, sizeof line) <= 0) GTEST_SKIP() << "no dbus-daemon here";
  }
  void end() {
    if (daemon_ <= 0) return;
    ::kill(daemon_, SIGKILL);
    ::waitpid(daemon_, nullptr, 0);
    daemon_ = 0;
  }
  // A socket that takes connections, and never says a word.
  Fd be_silent() const {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_.string().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd.get(), 8), 0);
    return fd;
  }

  // The texts of the answers, or the name of what went wrong with one, in the order of the calls.
  struct Asked {
    Result<void> result;
    std::vector<std::vector<std::string>> answers;
  };
  Asked ask(const std::vector<BusCall>& calls, std::chrono::steady_clock::duration patience = 20s,
            const std::stop_token& stop = {}) {
    Asked asked{{}, std::vector<std::vector<std::string>>(calls.size())};
    asked.result =
        bus_->ask(BusPeer::system, calls, {stop, std::chrono::steady_clock::now() + patience},
                  [&](std::size_t index, const BusAnswer& answer) {
                    auto& texts = asked.answers[index];
                    if (!answer) {
                      texts.emplace_back(name_of(answer.error().code));
                      return;
                    }
                    for (const BusValue& value : *answer)
                      texts.push_back(value.text.empty() ? std::to_string(value.number) : std::string(value.text));
                  });
    return asked;
  }
  Errc error_of(const Asked& asked) const {
    EXPECT_FALSE(asked.result);
    return asked.result ? Errc{} : asked.result.error().code;
  }

  std::filesystem::path directory_, socket_;
  std::shared_ptr<BusSource> bus_;
  pid_t daemon_ = 0;
};

TEST_F(SystemBusTest, AsksManyThingsAtOnce) {
  start();
  std::vector<BusCall> calls(1000, call("ListNames", "as"));
  calls[1] = call("NameHasOwner", "b", kBus.service);
  calls[2] = call("GetNameOwner", "s", "org.example.Nobody");
  calls[3] = bus_property(kBus, "Interfaces");
  calls[4] = call("ListNames", "s");
  calls[5] = call("NoSuchMethod", "");
  calls[6] = {"org.example.Nobody", "/", "org.example", "Do", ""};
  calls[7] = call("GetConnectionCredentials", "a{sv}", kBus.service);
  const Asked got = ask(calls);
  ASSERT_TRUE(got.result) << describe(got.result.error());
  const auto has = [&](std::size_t index, const char* text) {
    return std::ranges::find(got.answers[index], text) != got.answers[index].end();
  };
  EXPECT_TRUE(has(0, "org.freedesktop.DBus"));
  EXPECT_TRUE(has(999, "org.freedesktop.DBus"));
  EXPECT_TRUE(std::ranges::none_of(got.answers, [](const auto& texts) { return texts.empty(); }));
  EXPECT_EQ(got.answers[1], std::vector<std::string>{"1"});
  EXPECT_EQ(got.answers[2], std::vector<std::string>{"unavailable"});
  EXPECT_TRUE(has(3, "org.freedesktop.DBus.Monitoring"));
  EXPECT_EQ(got.answers[4], std::vector<std::string>{"malformed"});
  EXPECT_EQ(got.answers[5], std::vector<std::string>{"unavailable"});
  EXPECT_EQ(got.answers[6], std::vector<std::string>{"unavailable"});
  EXPECT_TRUE(has(7, "ProcessID"));
  EXPECT_TRUE(has(7, std::to_string(daemon_).c_str()));
}

TEST_F(SystemBusTest, ABusThatIsStoppedTimesOutAndComesBack) {
  start();
  ASSERT_TRUE(ask({call("GetId", "s")}).result);
  ::kill(daemon_, SIGSTOP);
  EXPECT_EQ(error_of(ask({call("GetId", "s")}, 100ms)), Errc::timed_out);
  EXPECT_EQ(error_of(ask({call("GetId", "s")}, 100ms)), Errc::timed_out);  // a new connection that nobody takes
  ::kill(daemon_, SIGCONT);
  const Asked got = ask({call("GetId", "s")});
  ASSERT_TRUE(got.result);
  EXPECT_EQ(got.answers[0][0].size(), 32U);
}

TEST_F(SystemBusTest, ABusThatWasStartedAgainIsAskedAtOnce) {
  start();
  const Asked before = ask({call("GetId", "s")});
  ASSERT_TRUE(before.result);
  end();
  start();
  const Asked after = ask({call("GetId", "s")});
  ASSERT_TRUE(after.result);
  EXPECT_NE(before.answers, after.answers);
  end();
  EXPECT_EQ(error_of(ask({call("GetId", "s")})), Errc::unavailable);
}

TEST_F(SystemBusTest, WhoSaysNothingIsLeftAtTheDeadlineOrTheStop) {
  const Fd silent = be_silent();
  EXPECT_EQ(error_of(ask({call("GetId", "s")}, 100ms)), Errc::timed_out);
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(50ms);
    stop.request_stop();
  });
  EXPECT_EQ(error_of(ask({call("GetId", "s")}, 1h, stop.get_token())), Errc::timed_out);
}

TEST_F(SystemBusTest, WhoSpeaksAnotherProtocolIsLeft) {
  const Fd server = be_silent();
  std::jthread other([&] {
    const Fd peer(::accept(server.get(), nullptr, nullptr));
    const std::string text = "HTTP/1.1 400 Bad Request\r\n\r\nOK 1234\r\nl\1\0\1garbage" + std::string(400, '\xff');
    (void)::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL);
  });
  EXPECT_NE(error_of(ask({call("GetId", "s")})), Errc::timed_out);
}

// As dbus-daemon does with accounts that it cannot look up.
TEST_F(SystemBusTest, WhoHangsUpHasRefusedUs) {
  const Fd server = be_silent();
  std::jthread other([&] {
    const Fd peer(::accept(server.get(), nullptr, nullptr));
    char request[256];
    (void)::recv(peer.get(), request, sizeof request, 0);
    const std::string_view text = "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n";
    (void)::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL);
    (void)::recv(peer.get(), request, sizeof request, 0);
  });
  EXPECT_EQ(error_of(ask({call("GetId", "s"), call("GetId", "s")})), Errc::denied);
}

TEST_F(SystemBusTest, WithoutABusItIsUnavailable) {
  EXPECT_EQ(error_of(ask({call("GetId", "s")})), Errc::unavailable);
  be_silent();  // and closed again: the socket's file stays
  EXPECT_EQ(error_of(ask({call("GetId", "s")})), Errc::unavailable);
}

TEST(BusAddresses, AreTheEnvironmentsOrTheHosts) {
  const Addresses own = addresses_of("/", nullptr);
  EXPECT_EQ(own.system, "unix:path=/run/dbus/system_bus_socket;unix:path=/var/run/dbus/system_bus_socket");
  EXPECT_EQ(own.manager, "unix:path=/run/systemd/private");
  const Addresses host = addresses_of("/ho st/", "");
  EXPECT_TRUE(host.system.starts_with("unix:path=/ho%20st/run/dbus/system_bus_socket;unix:path=/run/dbus/"));
  EXPECT_EQ(host.manager, "unix:path=/ho%20st/run/systemd/private;unix:path=/run/systemd/private");
  EXPECT_EQ(addresses_of("/host", "unix:path=/x").system, "unix:path=/x");
}

}  // namespace
}  // namespace vitalsd::bus
