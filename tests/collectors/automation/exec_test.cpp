// The collector `exec` with real programs: what each format becomes, what a bad run costs, and when commands run.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

Record command(std::string name, std::string script,
               std::initializer_list<std::pair<const std::string, std::string>> texts = {}) {
  Record record(texts);
  record.texts["name"] = std::move(name);
  record.lists["command"] = {"/bin/sh", "-c", std::move(script)};
  record.lists["environment"] = {"PATH=/usr/bin:/bin"};
  return record;
}

Record with(Record record, const char* list, std::vector<std::string> items) {
  record.lists[list] = std::move(items);
  return record;
}

Options options_of(std::vector<Record> records, const char* most = "4") {
  Options options = Options::defaults(find_collector("exec")->options);
  options.set("commands", {.text = {}, .items = {}, .records = std::move(records)});
  options.set("max_running", {.text = most, .items = {}, .records = {}});
  return options;
}

class Exec : public testing::Test {
 protected:
  void make(std::vector<Record> records, const char* most = "4") {
    collector = find_collector("exec")->make(options_of(std::move(records), most));
  }
  /// The round in which all is started, and waited for.
  RunResult first(std::vector<Record> records, const char* most = "4") {
    make(std::move(records), most);
    return run_collector(*collector, host);
  }
  /// The next round, and the one that its ends ask for.
  RunResult next() {
    clock.advance(1min);
    run_collector(*collector, host);
    pollfd polled{.fd = collector->wake_fd(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&polled, 1, 60'000), 1);
    return run_collector(*collector, host);
  }

  FakeClock clock;
  Host host{.clock = &clock};
  std::unique_ptr<Collector> collector;
};

TEST_F(Exec, ReportsAnExposition) {
  const RunResult run = first(
      {with(command("a", R"(printf '# TYPE x_total counter\n# HELP x_total What x is.\nx_total{k="v"} 5\ny 1\n')"),
            "labels", {"site=here"})});
  ASSERT_TRUE(run.result);
  EXPECT_TRUE(run.faults.empty());
  EXPECT_EQ(sample(run.text, "x_total{k=\"v\",site=\"here\"}"), "5");
  EXPECT_EQ(sample(run.text, "y{site=\"here\"}"), "1");
  EXPECT_NE(run.text.find("# HELP x_total What x is.\n# TYPE x_total counter\n"), std::string::npos);
  EXPECT_NE(run.text.find("# HELP y Printed by the command a.\n"), std::string::npos);
  for (const auto& [series, value] : {std::pair("success", "1"),
                                      {"exit_code", "0"},
                                      {"signal", "0"},
                                      {"runs_total", "1"},
                                      {"timeouts_total", "0"},
                                      {"output_bytes", "70"}}) {
    EXPECT_EQ(sample(run.text, std::string("vitalsd_exec_") + series + "{command=\"a\"}"), value) << series;
  }
  EXPECT_TRUE(sample(run.text, "vitalsd_exec_duration_seconds{command=\"a\"}"));
  EXPECT_TRUE(sample(run.text, "vitalsd_exec_last_run_timestamp_seconds{command=\"a\"}"));
}

TEST_F(Exec, ReportsNumbersAndJson) {
  const RunResult run =
      first({command("n", "echo ' 42.5 '", {{"format", "number"}, {"metric", "queue_length"}, {"help", "Jobs."}}),
             with(command("j", R"(echo '{"a":{"b":3},"ok":true}')", {{"format", "json"}}), "values",
                  {"b_total=/a/b", "ok=/ok", "gone=/x"})});
  EXPECT_EQ(sample(run.text, "queue_length"), "42.5");
  EXPECT_NE(run.text.find("# HELP queue_length Jobs.\n# TYPE queue_length gauge\n"), std::string::npos);
  EXPECT_EQ(sample(run.text, "b_total"), "3");
  EXPECT_NE(run.text.find("# TYPE b_total counter\n"), std::string::npos);
  EXPECT_EQ(sample(run.text, "ok"), "1");
  EXPECT_FALSE(sample(run.text, "gone"));
  ASSERT_EQ(run.faults.size(), 1U);
  EXPECT_EQ(run.faults[0].entity, "j: gone at /x");
}

TEST_F(Exec, ReportsAPlugin) {
  const RunResult run =
      first({command("disk", "echo \"DISK WARNING | '/ x'=5KB;10:20;30 n=7c\"; exit 1", {{"format", "nagios"}}),
             command("bad", "echo '| x=1'; exit 4", {{"format", "nagios"}})});
  EXPECT_EQ(sample(run.text, "vitalsd_exec_plugin_state{command=\"disk\"}"), "1");
  EXPECT_EQ(sample(run.text, "vitalsd_exec_success{command=\"disk\"}"), "1");
  const std::string labels = "command=\"disk\",label=\"/ x\",unit=\"bytes\"";
  EXPECT_EQ(sample(run.text, "vitalsd_exec_perfdata_value{" + labels + "}"), "5120");
  EXPECT_EQ(sample(run.text, "vitalsd_exec_perfdata_threshold{" + labels + ",level=\"warning\",end=\"low\"}"), "10240");
  EXPECT_EQ(sample(run.text, "vitalsd_exec_perfdata_threshold{" + labels + ",level=\"critical\",end=\"high\"}"),
            "30720");
  EXPECT_EQ(sample(run.text, "vitalsd_exec_perfdata_total{command=\"disk\",label=\"n\"}"), "7");
  EXPECT_EQ(sample(run.text, "vitalsd_exec_success{command=\"bad\"}"), "0");
  EXPECT_FALSE(sample(run.text, "vitalsd_exec_plugin_state{command=\"bad\"}"));
}

TEST_F(Exec, AFailureIsReportedWithTheLastWords) {
  const RunResult run =
      first({command("code", "echo x 1; echo 'no such disk' >&2; exit 7"), command("signal", "kill -KILL $$"),
             command("rubbish", "echo '<html>'"), command("nothing", "", {{"format", "number"}, {"metric", "n"}}),
             command("late", "sleep 100", {{"timeout", "50ms"}, {"grace", "10ms"}}),
             command("long", "yes", {{"output_limit", "1k"}}), command("good", "echo g 1")},
            "8");
  ASSERT_TRUE(run.result);
  std::map<std::string, std::pair<std::string, Errc>> faults;
  for (const auto& fault : run.faults)
    faults[fault.entity.substr(0, fault.entity.find(':'))] = {fault.entity, fault.code};
  EXPECT_EQ(faults["code"], std::pair(std::string("code: exit code 7: no such disk"), Errc::io));
  EXPECT_EQ(faults["signal"], std::pair(std::string("signal: ended by signal 9"), Errc::io));
  EXPECT_EQ(
      faults["rubbish"],
      std::pair(std::string("rubbish: line 1, column 1 of its output: a metric name is expected"), Errc::malformed));
  EXPECT_EQ(faults["nothing"], std::pair(std::string("nothing: printed nothing"), Errc::malformed));
  EXPECT_EQ(faults["late"].second, Errc::timed_out);
  EXPECT_EQ(faults["long"].second, Errc::too_large);
  EXPECT_EQ(faults.size(), 6U);
  EXPECT_EQ(sample(run.text, "g"), "1");
  EXPECT_FALSE(sample(run.text, "x"));
  EXPECT_EQ(sample(run.text, "vitalsd_exec_exit_code{command=\"code\"}"), "7");
  EXPECT_FALSE(sample(run.text, "vitalsd_exec_exit_code{command=\"signal\"}"));
  EXPECT_EQ(sample(run.text, "vitalsd_exec_signal{command=\"signal\"}"), "9");
  EXPECT_EQ(sample(run.text, "vitalsd_exec_timeouts_total{command=\"late\"}"), "1");
  for (const char* name : {"code", "signal", "rubbish", "nothing", "late", "long"}) {
    EXPECT_EQ(sample(run.text, "vitalsd_exec_success{command=\"" + std::string(name) + "\"}"), "0") << name;
  }
}

TEST_F(Exec, AProgramThatIsNotThereIsNamed) {
  Record record = command("gone", "");
  record.lists["command"] = {"/nowhere/program"};
  const RunResult run = first({record});
  ASSERT_EQ(run.faults.size(), 1U);
  EXPECT_EQ(run.faults[0].entity, "gone: could not be started");
  EXPECT_EQ(run.faults[0].code, Errc::io);
  EXPECT_FALSE(sample(run.text, "vitalsd_exec_exit_code{command=\"gone\"}"));
  EXPECT_EQ(sample(run.text, "vitalsd_exec_success{command=\"gone\"}"), "0");
}

TEST_F(Exec, NamesOfTheDaemonAreLeftOut) {
  const RunResult run = first({command("a", R"(printf 'node_load1 5\nvitalsd_x 1\nnode_memory_Y_bytes 1\nmine 2\n')")});
  EXPECT_EQ(sample(run.text, "mine"), "2");
  for (const char* name : {"node_load1", "vitalsd_x", "node_memory_Y_bytes"})
    EXPECT_FALSE(sample(run.text, name)) << name;
  ASSERT_EQ(run.faults.size(), 3U);
  EXPECT_EQ(run.faults[0].entity, "a: node_load1 is a name of the daemon's own");
}

TEST_F(Exec, CommandsShareFamiliesButNoSeries) {
  const RunResult run = first(
      {with(command("a", "echo s 1"), "labels", {"x=1"}), with(command("b", "echo s 2"), "labels", {"x=2"}),
       with(command("c", "echo s 3"), "labels", {"x=1"}), command("d", R"(printf '# TYPE s counter\ns{x="9"} 4\n')"),
       command("e", R"(printf '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_count 1\nh_sum 1\n')"),
       command("f", "echo h_sum 5")},
      "8");
  EXPECT_EQ(sample(run.text, "s{x=\"1\"}"), "1");
  EXPECT_EQ(sample(run.text, "s{x=\"2\"}"), "2");
  EXPECT_FALSE(sample(run.text, "s{x=\"9\"}"));
  EXPECT_EQ(sample(run.text, "h_sum"), "1");
  std::vector<std::string> lost;
  // The rebuild after each end reports anew what cannot be had; the log limits it.
  for (const auto& fault : run.faults) {
    if (std::ranges::find(lost, fault.entity) == lost.end()) lost.push_back(fault.entity);
  }
  std::ranges::sort(lost);
  EXPECT_TRUE(std::ranges::find(lost, "c: s has a series twice, or one of another command") != lost.end());
  EXPECT_TRUE(std::ranges::find(lost, "d: s has another type than another command gave it") != lost.end());
  EXPECT_TRUE(std::ranges::find(lost, "f: h_sum is a series of another family") != lost.end());
}

TEST_F(Exec, ValuesOfAFailedRunAreKeptIfAsked) {
  const std::string file = testing::TempDir() + "/vitalsd-exec-" + std::to_string(::getpid());
  fs::remove(file + "keep");
  fs::remove(file + "drop");
  const auto script = [&](const std::string& name) {
    return "test -e " + file + name + " && exit 1; : > " + file + name + "; echo " + name + " 1";
  };
  RunResult run = first({command("k", script("keep"), {{"on_failure", "keep"}})});
  EXPECT_EQ(sample(run.text, "keep"), "1");
  run = next();
  EXPECT_EQ(sample(run.text, "keep"), "1");
  EXPECT_EQ(sample(run.text, "vitalsd_exec_success{command=\"k\"}"), "0");
  EXPECT_EQ(sample(run.text, "vitalsd_exec_runs_total{command=\"k\"}"), "2");
  run = first({command("d", script("drop"))});
  EXPECT_EQ(sample(run.text, "drop"), "1");
  EXPECT_FALSE(sample(next().text, "drop"));
  fs::remove(file + "keep");
  fs::remove(file + "drop");
}

TEST_F(Exec, EachRunsAtItsOwnInterval) {
  first({command("often", "echo a 1", {{"interval", "1m"}}), command("seldom", "echo b 1", {{"interval", "5m"}})});
  for (int round = 0; round < 3; ++round) next();
  const RunResult run = next();
  EXPECT_EQ(sample(run.text, "vitalsd_exec_runs_total{command=\"often\"}"), "5");
  EXPECT_EQ(sample(run.text, "vitalsd_exec_runs_total{command=\"seldom\"}"), "1");
  EXPECT_EQ(sample(run.text, "b"), "1") << "what it printed is reported until it runs again";
}

TEST_F(Exec, ARoundNeverWaitsButTheFirst) {
  first({command("slow", "test -e /proc/self && echo a 1"),
         command("hangs", "exec sleep 1000", {{"timeout", "1h"}, {"interval", "1h"}})});
  const auto before = std::chrono::steady_clock::now();
  for (int round = 0; round < 100; ++round) run_collector(*collector, host);
  // 100 rounds that each waited for the command would take an hour.
  EXPECT_LT(std::chrono::steady_clock::now() - before, 60s);
  EXPECT_EQ(sample(run_collector(*collector, host).text, "vitalsd_exec_runs_total{command=\"hangs\"}"), "0");
}

TEST_F(Exec, NoMoreRunAtATimeThanAllowed) {
  const std::string lock = testing::TempDir() + "/vitalsd-exec-lock-" + std::to_string(::getpid());
  const std::string script = "mkdir " + lock + " || exit 1; sleep 0.02; rmdir " + lock;
  const RunResult run = first({command("a", script), command("b", script), command("c", script)}, "1");
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_EQ(sample(run.text, "vitalsd_exec_success{command=\"" + std::string(name) + "\"}"), "1") << name;
  }
}

TEST_F(Exec, WithoutCommandsNothingIsReported) {
  const RunResult run = first({});
  EXPECT_TRUE(run.result);
  EXPECT_EQ(run.text, "");
  EXPECT_EQ(collector->wake_fd(), -1);
}

std::string refusal(Record record) {
  try {
    find_collector("exec")->make(options_of({command("fine", "x"), std::move(record)}));
  } catch (const OptionError& error) {
    EXPECT_EQ(error.option(), "commands[1]");
    return error.what();
  }
  return "";
}

TEST(ExecOptions, AreCheckedOneByOne) {
  const auto text = [](const char* key, const char* value) { return refusal(command("c", "x", {{key, value}})); };
  EXPECT_EQ(text("interval", "5"), "command \"c\": interval must be a duration of 100ms to 366d, not \"5\"");
  EXPECT_NE(text("timeout", "0s"), "");
  EXPECT_NE(text("nice", "-5"), "");
  EXPECT_NE(text("umask", "8"), "");
  EXPECT_NE(text("user", "no-such-user-here"), "");
  EXPECT_NE(text("user", "1:x"), "");
  EXPECT_EQ(text("user", "0:0"), "");
  EXPECT_EQ(text("user", "root"), "");
  EXPECT_NE(text("directory", "tmp"), "");
  EXPECT_EQ(text("format", "xml"),
            "command \"c\": format must be one of prometheus, number, json, nagios, not \"xml\"");
  EXPECT_EQ(text("format", "number"), "command \"c\": the format number, and it alone, needs a metric");
  EXPECT_NE(text("metric", "x"), "");
  EXPECT_NE(text("on_failure", "cry"), "");
  EXPECT_NE(text("output_limit", "1Gi"), "");
  EXPECT_NE(refusal(with(command("c", "x"), "command", {})), "");
  EXPECT_EQ(refusal(with(command("c", "x"), "command", {"ls"})),
            "command \"c\": the program must be an absolute path, not \"ls\"");
  EXPECT_NE(refusal(with(command("c", "x"), "environment", {"A"})), "");
  EXPECT_EQ(refusal(with(command("c", "x"), "environment", {"A=1", "A=2"})),
            "command \"c\": environment: \"A\" is given twice");
  EXPECT_NE(refusal(with(command("c", "x"), "limits", {"files=1"})), "");
  EXPECT_NE(refusal(with(command("c", "x"), "limits", {"nofile=x"})), "");
  EXPECT_NE(refusal(with(command("c", "x"), "labels", {"__a=1"})), "");
  EXPECT_NE(refusal(with(command("c", "x"), "labels", {"command=1"})), "");
  EXPECT_NE(refusal(with(command("c", "x"), "writes", {"tmp"})), "");
  EXPECT_EQ(refusal(with(command("c", "x", {{"format", "json"}}), "values", {"a=x"})),
            "command \"c\": \"x\" is no JSON pointer (RFC 6901)");
  EXPECT_NE(refusal(with(command("c", "x", {{"format", "json"}}), "values", {"1a=/x"})), "");
}

TEST(ExecOptions, AskForThePowersThatTheyNeed) {
  const auto powers = find_collector("exec")->powers;
  const Host host;
  EXPECT_EQ(powers(options_of({}), host), Powers{});
  EXPECT_EQ(powers(options_of({command("a", "x")}), host), Powers{Power::run_programs});
  EXPECT_EQ(powers(options_of({command("a", "x", {{"user", "1"}})}), host),
            (Powers{Power::run_programs, Power::switch_users}));
}

}  // namespace
}  // namespace vitalsd
