// Sessions of a fake logind.
#include <gtest/gtest.h>

#include "tests/fakes/fake_bus.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

const std::string kManager = "/org/freedesktop/login1";
const std::string kManagerInterface = "org.freedesktop.login1.Manager";
const std::string kSession = "org.freedesktop.login1.Session";

class Logind : public testing::Test, protected FakeHost {
 protected:
  Logind() {
    host.bus = bus;
    bus->answer(kManager, kManagerInterface, "ListSeats", {text("seat0"), text("/seat/seat0", 'o')});
  }
  void session(const std::string& id, const std::string& seat, bool remote, const std::string& type,
               const std::string& session_class) {
    for (const FakeValue& value : {text(id), number('u', 1000), text("me"), text(seat), text("/s/" + id, 'o')})
      sessions_.push_back(value);
    bus->property("/s/" + id, kSession, "Remote", number('b', remote ? 1 : 0))
        .property("/s/" + id, kSession, "Type", text(type))
        .property("/s/" + id, kSession, "Class", text(session_class));
  }
  RunResult run() {
    bus->answer(kManager, kManagerInterface, "ListSessions", sessions_);
    return run_collector(*find_collector("logind")->make({}), host);
  }
  static std::string series(const char* seat, const char* remote, const char* type, const char* session_class) {
    return std::string("node_logind_sessions{seat=\"") + seat + "\",remote=\"" + remote + "\",type=\"" + type +
           "\",class=\"" + session_class + "\"}";
  }

  const std::shared_ptr<FakeBus> bus = std::make_shared<FakeBus>();
  std::vector<FakeValue> sessions_;
};

TEST_F(Logind, CountsSessionsByWhatTheyAre) {
  session("1", "seat0", false, "wayland", "user");
  session("2", "", true, "tty", "user");
  session("3", "", true, "tty", "user");
  session("4", "", false, "hologram", "manager");
  const RunResult got = run();
  ASSERT_TRUE(got.result);
  EXPECT_TRUE(got.faults.empty());
  EXPECT_EQ(sample(got.text, series("seat0", "false", "wayland", "user")), "1");
  EXPECT_EQ(sample(got.text, series("", "true", "tty", "user")), "2");
  EXPECT_EQ(sample(got.text, series("", "false", "other", "other")), "1");
  EXPECT_EQ(sample(got.text, series("seat0", "true", "mir", "greeter")), "0");
  EXPECT_EQ(std::count(got.text.begin(), got.text.end(), '\n'), 2 + 2 * 7 * 5 * 2);
}

TEST_F(Logind, ASessionThatCannotBeReadCostsItself) {
  session("1", "", true, "tty", "user");
  session("2", "", true, "tty", "user");
  session("3", "", true, "tty", "user");
  bus->remove("/s/1 " + kSession + ".Class");  // it has ended
  bus->property("/s/2", kSession, "Type", number('u', 1));
  const RunResult got = run();
  ASSERT_TRUE(got.result);
  EXPECT_EQ(sample(got.text, series("", "true", "tty", "user")), "1");
  ASSERT_EQ(got.faults.size(), 1U);
  EXPECT_EQ(got.faults[0].entity, "2");
}

TEST_F(Logind, WithoutLogindNothingIsReported) {
  bus->remove(kManager + " " + kManagerInterface + ".ListSeats");
  EXPECT_EQ(run().result.error().code, Errc::unavailable);
  bus->answer(kManager, kManagerInterface, "ListSeats", {text("seat0")});
  EXPECT_EQ(run().result.error().code, Errc::malformed);
  host.bus.reset();
  EXPECT_EQ(run().result.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace vitalsd
