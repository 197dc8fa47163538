#include "daemon/service/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

// The service manager's end: a bound datagram socket with an abstract name or a path.
class Manager {
 public:
  explicit Manager(std::string name) : name_(std::move(name)), fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name_.data(), name_.size());
    if (name_.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), size), 0) << std::strerror(errno);
  }
  ~Manager() {
    if (name_.front() == '/') ::unlink(name_.c_str());
  }

  // The next message, or "" when there is none.
  std::string next() {
    std::array<char, 8192> buffer;
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    return got < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(got));
  }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  Fd fd_;
};

std::string unique(const std::string& start) { return start + "vitalsd-notify-" + std::to_string(::getpid()); }

TEST(Notify, SpeaksToAPathAndToAnAbstractName) {
  for (const std::string& name : {unique("/tmp/"), unique("@")}) {
    Manager manager(name);
    Notify notify(Notify::Environment{{"NOTIFY_SOCKET", name}});
    ASSERT_TRUE(notify.active());
    EXPECT_EQ(manager.next(), "");
    notify.ready("3 collectors");
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=3 collectors\n");
    notify.extend(1500ms);
    EXPECT_EQ(manager.next(), "EXTEND_TIMEOUT_USEC=1500000\n");
    notify.stopping();
    EXPECT_EQ(manager.next(), "STOPPING=1\nSTATUS=stopping\n");
  }
}

TEST(Notify, AStatusIsSentWhenItChangedAndIsOneLineOfText) {
  Manager manager(unique("@"));
  Notify notify(Notify::Environment{{"NOTIFY_SOCKET", manager.name()}});
  notify.ready("a");
  manager.next();
  notify.status("a");
  EXPECT_EQ(manager.next(), "");
  notify.status("b\nREADY=1\xff");
  EXPECT_EQ(manager.next(), "STATUS=b READY=1\xEF\xBF\xBD\n");
  notify.status(std::string(100'000, 'x'));
  EXPECT_LT(manager.next().size(), 600U);
}

TEST(Notify, AReloadTellsItsTimeInMicroseconds) {
  Manager manager(unique("@"));
  Notify notify(Notify::Environment{{"NOTIFY_SOCKET", manager.name()}});
  const auto now = [] {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch());
  };
  const auto before = now();
  notify.reloading();
  const std::string message = manager.next();
  const std::string start = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_TRUE(message.starts_with(start)) << message;
  const std::chrono::microseconds told(std::stoll(message.substr(start.size())));
  EXPECT_LE(before, told);
  EXPECT_LE(told, now());
}

TEST(Notify, TheWatchdogIsFedAtHalfItsTimeByTheProcessItMeans) {
  Manager manager(unique("@"));
  const std::string pid = std::to_string(::getpid());
  struct Case {
    std::string usec, pid;
    bool watched;
  };
  const Case kCases[] = {
      {"3000000", pid, true},
      {"3000000", "", true},
      {"3000000", "1", false},
      {"", pid, false},
      {"0", pid, false},
      {"1", pid, false},
      {"-5", pid, false},
      {"3000000x", pid, false},
      {"3 ", pid, false},
      {"3000000", "x", false},
      {"9223372036854775807", pid, false},
  };
  for (const Case& c : kCases) {
    Notify::Environment environment{{"NOTIFY_SOCKET", manager.name()}, {"WATCHDOG_USEC", c.usec}};
    if (!c.pid.empty()) environment["WATCHDOG_PID"] = c.pid;
    Notify notify(environment);
    EXPECT_EQ(notify.watchdog_interval().has_value(), c.watched) << c.usec << " " << c.pid;
    if (c.watched) {
      EXPECT_EQ(*notify.watchdog_interval(), 1500ms);
    }
    notify.watchdog();
    EXPECT_EQ(manager.next(), c.watched ? "WATCHDOG=1\n" : "");
  }
}

TEST(Notify, WithoutAManagerNothingHappens) {
  const std::string too_long = "/" + std::string(200, 'x');
  for (const std::string& name :
       {std::string(), std::string("@"), std::string("relative"), std::string("vsock:2:3"), too_long}) {
    Notify notify({{"NOTIFY_SOCKET", name}, {"WATCHDOG_USEC", "1000000"}});
    EXPECT_FALSE(notify.active()) << name;
    EXPECT_FALSE(notify.watchdog_interval()) << name;
    notify.ready("x");
    notify.watchdog();
  }
  Notify(Notify::Environment{}).ready("x");
  Notify gone(Notify::Environment{{"NOTIFY_SOCKET", "/nonexistent/notify"}});
  gone.ready("nobody is there");
}

TEST(Notify, WhatAFullQueueDidNotTakeComesWithTheNext) {
  Manager manager(unique("@"));
  Notify notify(Notify::Environment{{"NOTIFY_SOCKET", manager.name()}});
  // The queue takes net.unix.max_dgram_qlen messages; the first one that does not fit is kept.
  for (int i = 0; i < 5000; ++i) notify.status(std::to_string(i));
  notify.ready("ready");
  std::size_t taken = 0;
  while (!manager.next().empty()) ++taken;
  ASSERT_LT(taken, 5000U);
  notify.stopping();
  const std::string message = manager.next();
  EXPECT_TRUE(message.starts_with("READY=1\nSTATUS=ready\n")) << message;
  EXPECT_TRUE(message.ends_with("STOPPING=1\nSTATUS=stopping\n")) << message;
}

}  // namespace
}  // namespace vitalsd
