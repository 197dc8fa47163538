// What systemd's answers become, and what a part of them that is missing costs.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fakes/fake_bus.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

const std::string kManager = "/org/freedesktop/systemd1";
const std::string kManagerInterface = "org.freedesktop.systemd1.Manager";

class Systemd : public testing::Test, protected FakeHost {
 protected:
  Systemd() {
    host.bus = bus;
    bus->property(kManager, kManagerInterface, "Version", text("252.39-1~deb12u2"))
        .property(kManager, kManagerInterface, "Virtualization", text("kvm"))
        .property(kManager, kManagerInterface, "SystemState", text("running"))
        .property(kManager, kManagerInterface, "UnitsLoadTimestampMonotonic", number('t', 1));
    unit("a.service", "active").property(path("a.service"), of("Service"), "Type", text("notify"));
    list();
  }

  static std::string path(const std::string& name) { return "/unit/" + name; }
  static std::string of(const std::string& kind) { return "org.freedesktop.systemd1." + kind; }
  static std::string key(const std::string& unit, const std::string& kind, const std::string& property) {
    return path(unit) + " " + of(kind) + "." + property;
  }
  FakeBus& unit(const std::string& name, const std::string& active, const std::string& load = "loaded") {
    for (const FakeValue& value : {text(name), text("What it is"), text(load), text(active), text("sub"), text(""),
                                   text(path(name), 'o'), number('u', 0), text(""), text("/", 'o')})
      units_.push_back(value);
    return *bus;
  }
  void list() { bus->answer(kManager, kManagerInterface, "ListUnits", units_); }
  void make(std::initializer_list<std::pair<const char*, const char*>> given = {}) {
    const CollectorSpec& spec = *find_collector("systemd");
    Options options = Options::defaults(spec.options);
    for (const auto& [option, value] : given) options.set(option, {.text = value, .items = {}, .records = {}});
    collector_ = spec.make(options);
  }
  RunResult run() {
    if (!collector_) make();
    bus->forget();
    return run_collector(*collector_, host);
  }
  std::size_t asked(const std::string& wanted) const {
    return static_cast<std::size_t>(std::ranges::count(bus->asked(), wanted));
  }

  const std::shared_ptr<FakeBus> bus = std::make_shared<FakeBus>();
  std::vector<FakeValue> units_;

 private:
  std::unique_ptr<Collector> collector_;
};

TEST_F(Systemd, ReportsStatesAndTheManager) {
  unit("b.timer", "failed").property(path("b.timer"), of("Timer"), "LastTriggerUSec", number('t', 1'500'000));
  unit("not-found.service", "inactive", "not-found");
  unit("x.slice", "active");
  list();
  const RunResult got = run();
  ASSERT_TRUE(got.result);
  EXPECT_TRUE(got.faults.empty());
  EXPECT_EQ(sample(got.text, "node_systemd_unit_state{name=\"a.service\",state=\"active\",type=\"notify\"}"), "1");
  EXPECT_EQ(sample(got.text, "node_systemd_unit_state{name=\"a.service\",state=\"failed\",type=\"notify\"}"), "0");
  EXPECT_EQ(sample(got.text, "node_systemd_unit_state{name=\"b.timer\",state=\"failed\",type=\"\"}"), "1");
  EXPECT_EQ(got.text.find("x.slice"), std::string::npos);
  EXPECT_EQ(got.text.find("not-found"), std::string::npos);
  EXPECT_EQ(sample(got.text, "node_systemd_units{state=\"active\"}"), "2");
  EXPECT_EQ(sample(got.text, "node_systemd_units{state=\"inactive\"}"), "1");
  EXPECT_EQ(sample(got.text, "node_systemd_units{state=\"activating\"}"), "0");
  EXPECT_EQ(sample(got.text, "node_systemd_version{version=\"252.39-1~deb12u2\"}"), "252.39");
  EXPECT_EQ(sample(got.text, "node_systemd_virtualization_info{virtualization_type=\"kvm\"}"), "1");
  EXPECT_EQ(sample(got.text, "node_systemd_system_running"), "1");
  EXPECT_EQ(sample(got.text, "node_systemd_timer_last_trigger_seconds{name=\"b.timer\"}"), "1.5");
  EXPECT_EQ(bus->peer(), BusPeer::system);
}

TEST_F(Systemd, OptionsAskForMore) {
  bus->property(path("a.service"), of("Service"), "NRestarts", number('u', 3))
      .property(path("a.service"), of("Service"), "TasksCurrent", number('t', 7))
      .property(path("a.service"), of("Service"), "TasksMax", number('t', UINT64_MAX))
      .property(path("a.service"), of("Unit"), "ActiveEnterTimestamp", number('t', 1'700'000'000'250'000));
  unit("b.socket", "inactive")
      .property(path("b.socket"), of("Socket"), "NAccepted", number('u', 5))
      .property(path("b.socket"), of("Socket"), "NConnections", number('u', 2));
  list();
  make({{"enable_task_metrics", "true"},
        {"enable_restarts_metrics", "true"},
        {"enable_start_time_metrics", "true"},
        {"private", "true"}});
  const RunResult got = run();
  ASSERT_TRUE(got.result);
  EXPECT_TRUE(got.faults.empty());  // NRefused is not in every systemd
  EXPECT_EQ(sample(got.text, "node_systemd_service_restart_total{name=\"a.service\"}"), "3");
  EXPECT_EQ(sample(got.text, "node_systemd_unit_tasks_current{name=\"a.service\"}"), "7");
  EXPECT_FALSE(sample(got.text, "node_systemd_unit_tasks_max{name=\"a.service\"}"));
  EXPECT_EQ(sample(got.text, "node_systemd_unit_start_time_seconds{name=\"a.service\"}"), "1700000000.25");
  EXPECT_EQ(sample(got.text, "node_systemd_unit_start_time_seconds{name=\"b.socket\"}"), "0");
  EXPECT_EQ(sample(got.text, "node_systemd_socket_accepted_connections_total{name=\"b.socket\"}"), "5");
  EXPECT_EQ(sample(got.text, "node_systemd_socket_current_connections{name=\"b.socket\"}"), "2");
  EXPECT_FALSE(sample(got.text, "node_systemd_socket_refused_connections_total{name=\"b.socket\"}"));
  EXPECT_EQ(bus->peer(), BusPeer::manager);
}

TEST_F(Systemd, FiltersMatchWholeNames) {
  unit("aa.service", "active");
  list();
  make({{"unit_include", "a.service|aa"}});
  const RunResult got = run();
  EXPECT_TRUE(sample(got.text, "node_systemd_unit_state{name=\"a.service\",state=\"active\",type=\"notify\"}"));
  EXPECT_EQ(got.text.find("aa.service"), std::string::npos);
  make({{"unit_exclude", ""}});
  EXPECT_NE(run().text.find("aa.service"), std::string::npos);
}

TEST_F(Systemd, TypesAreAskedOncePerLoadAndState) {
  const std::string type = key("a.service", "Service", "Type");
  run();
  EXPECT_EQ(asked(type), 1U);
  const RunResult again = run();
  EXPECT_EQ(asked(type), 0U);
  EXPECT_TRUE(sample(again.text, "node_systemd_unit_state{name=\"a.service\",state=\"active\",type=\"notify\"}"));
  bus->property(kManager, kManagerInterface, "UnitsLoadTimestampMonotonic", number('t', 2));
  bus->property(path("a.service"), of("Service"), "Type", text("exec"));
  EXPECT_TRUE(sample(run().text, "node_systemd_unit_state{name=\"a.service\",state=\"active\",type=\"exec\"}"));
  EXPECT_EQ(asked(type), 1U);
  units_.clear();
  unit("a.service", "failed");
  list();
  run();
  EXPECT_EQ(asked(type), 1U);
  clock.advance(std::chrono::minutes(7));
  run();
  EXPECT_EQ(asked(type), 1U);
}

TEST_F(Systemd, UnitsBeyondTheLimitAreLeftOut) {
  unit("b.service", "active");
  list();
  make({{"max_units", "1"}});
  const RunResult got = run();
  ASSERT_TRUE(got.result);
  EXPECT_EQ(got.text.find("b.service"), std::string::npos);
  EXPECT_EQ(sample(got.text, "node_systemd_units{state=\"active\"}"), "2");
  ASSERT_EQ(got.faults.size(), 1U);
  EXPECT_EQ(got.faults[0].code, Errc::too_large);
}

TEST_F(Systemd, APropertyThatFailsCostsItself) {
  bus->error(key("a.service", "Service", "Type"), Errc::denied)
      .property(kManager, kManagerInterface, "Version", number('u', 252))
      .error(kManager + " " + kManagerInterface + ".Virtualization", Errc::io);
  const RunResult got = run();
  ASSERT_TRUE(got.result);
  EXPECT_EQ(got.faults.size(), 3U);
  EXPECT_EQ(sample(got.text, "node_systemd_unit_state{name=\"a.service\",state=\"active\",type=\"\"}"), "1");
  EXPECT_EQ(got.text.find("node_systemd_version"), std::string::npos);
  EXPECT_EQ(got.text.find("node_systemd_virtualization_info"), std::string::npos);
}

TEST_F(Systemd, AVersionWithoutANumberIsAbsent) {
  for (const char* version : {"", "25", "v25.1", "abc", "..."}) {
    bus->property(kManager, kManagerInterface, "Version", text(version));
    EXPECT_EQ(run().text.find("node_systemd_version"), std::string::npos) << version;
  }
  bus->property(kManager, kManagerInterface, "Version", text("v12 257~rc1"));
  EXPECT_EQ(sample(run().text, "node_systemd_version{version=\"v12 257~rc1\"}"), "257");
}

TEST_F(Systemd, WhatIsNoListOfUnitsFailsTheRun) {
  bus->answer(kManager, kManagerInterface, "ListUnits", {text("a.service")});
  EXPECT_EQ(run().result.error().code, Errc::malformed);
  bus->error(kManager + " " + kManagerInterface + ".ListUnits", Errc::denied);
  EXPECT_EQ(run().result.error().code, Errc::denied);
  bus->broken(Errc::io);
  EXPECT_EQ(run().result.error().code, Errc::io);
  bus->broken({});
  list();
  EXPECT_TRUE(run().result);
  host.bus.reset();
  EXPECT_EQ(run().result.error().code, Errc::unavailable);
}

TEST_F(Systemd, ALimitThatIsNoneIsRefused) {
  EXPECT_THROW(make({{"max_units", "0"}}), OptionError);
  EXPECT_THROW(make({{"unit_include", "("}}), OptionError);
}

}  // namespace
}  // namespace vitalsd
