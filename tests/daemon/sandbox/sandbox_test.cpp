// Tests which restrictions follow from a configuration, and what they do in a real process.
#include "daemon/sandbox/sandbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "collectors/process/sources/bpf/bpf_source.h"
#include "core/state_file.h"
#include "daemon/config/load_config.h"
#include "daemon/incidents/report_files.h"
#include "daemon/run/needs.h"
#include "daemon/sandbox/capabilities.h"
#include "daemon/sandbox/sandbox_needs.h"
#include "tests/fakes/in_child.h"

namespace vitalsd {
namespace {

namespace fs = std::filesystem;

Config config_of(std::vector<std::string> arguments) {
  ConfigSources sources;
  sources.arguments = std::move(arguments);
  LoadedConfig loaded = load_config(sources);
  for (const auto& fault : loaded.faults) ADD_FAILURE() << describe(fault);
  return loaded.config;
}

Powers powers_of(const std::string& collector, std::vector<std::string> arguments) {
  const Needs needs = needs_of(config_of(std::move(arguments)));
  const auto found = needs.find(collector);
  return found == needs.end() ? Powers{} : found->second;
}

TEST(Needs, OfTheDefaultsArePressureTriggersAlone) {
  Powers all;
  for (const auto& [name, powers] : needs_of(config_of({}))) all = all | powers;
  EXPECT_EQ(all, Powers{Power::pressure_triggers});
  EXPECT_EQ(powers_of("pressure", {"--no-collector.pressure.triggers"}), Powers{});
}

TEST(Needs, OfTargetsAndGroupsAreOtherProcesses) {
  EXPECT_EQ(powers_of("targets", {}), Powers{});
  EXPECT_EQ(powers_of("targets", {"--collector.targets.watch=a:comm=b"}), Powers{Power::read_processes});
  EXPECT_EQ(powers_of("process_groups", {}), Powers{}) << "it is not enabled";
  const Powers procfs{Power::read_processes, Power::exit_events};
  const std::string names = "--collector.process_groups.procnames=x";
  EXPECT_EQ(powers_of("process_groups", {names, "--collector.process_groups.source=procfs"}), procfs);
  EXPECT_EQ(powers_of("process_groups", {names}), has_bpf_source() ? procfs | Powers{Power::bpf} : procfs);
}

TEST(Needs, OfCommandsAreProgramsAndWhereTheyWrite) {
  EXPECT_EQ(powers_of("exec", {"--collector.exec"}), Powers{});
  const std::string runs = "--collector.exec.commands=a:command=/bin/true";
  EXPECT_EQ(powers_of("exec", {runs}), Powers{Power::run_programs});
  Config config = config_of({runs, "--path.state="});
  EXPECT_TRUE(command_directories(config).empty());
  Options& options = config.collectors.at("exec").options;
  Record record = options.records("commands").front();
  record.lists["writes"] = {"/var/tmp/a"};
  options.set("commands", {.text = {}, .items = {}, .records = {record}});
  std::vector<std::string> directories;
  for (const auto& writable : writable_of(config, {Power::run_programs})) directories.push_back(writable.directory);
  EXPECT_EQ(directories, (std::vector<std::string>{"/var/tmp/a", "/dev/null"}));
  config.collectors.at("exec").enabled = false;
  EXPECT_TRUE(command_directories(config).empty());
  EXPECT_EQ(capabilities_of({Power::run_programs}), 0U);
  EXPECT_EQ(capabilities_of({Power::switch_users}),
            capability(CAP_SETUID) | capability(CAP_SETGID) | capability(CAP_KILL));
}

TEST(Needs, OfCgroupsFollowFromTheirOptions) {
  const std::string on = "--collector.cgroups", off = "--collector.cgroups.neighbours=off";
  EXPECT_EQ(powers_of("cgroups", {on, off}), Powers{});
  EXPECT_EQ(powers_of("cgroups", {on, off, "--collector.cgroups.processes"}), Powers{Power::read_processes});
  EXPECT_EQ(powers_of("cgroups", {on, "--collector.cgroups.neighbours=on"}), Powers{Power::read_processes});
}

TEST(Needs, OfCgroupsByThemselvesFollowFromTheMachine) {
  const fs::path root = fs::temp_directory_path() / ("vitalsd-needs-" + std::to_string(::getpid()));
  fs::create_directories(root);
  EXPECT_EQ(powers_of("cgroups", {"--collector.cgroups", "--path.cgroupfs=" + root.string()}),
            Powers{Power::read_processes})
      << "what is not known yet may turn out so";
  fs::remove_all(root);
}

TEST(Needs, OfCgroupsThatStallAreTheirTriggers) {
  // Any kernel file system other than cgroupfs will do, because it does not matter which files it has.
  const std::vector<std::string> arguments = {"--collector.cgroups", "--collector.cgroups.neighbours=off",
                                              "--path.cgroupfs=/sys"};
  const auto with = [&](const char* watches) {
    auto all = arguments;
    all.push_back(std::string("--collector.cgroups.stall-watches=") + watches);
    return powers_of("cgroups", all);
  };
  EXPECT_EQ(with("8"), Powers{Power::cgroup_triggers});
  EXPECT_EQ(with("0"), Powers{});
  const Config config = config_of(arguments);
  const auto writable = writable_of(config, with("8"));
  ASSERT_EQ(writable.size(), 1U);
  EXPECT_EQ(writable[0].directory, "/sys");
  EXPECT_EQ(writable[0].rights, landlock::Rights::write_files);
}

TEST(Needs, OfPowersAreCapabilities) {
  EXPECT_EQ(capabilities_of({}), 0U);
  EXPECT_EQ(capabilities_of({Power::read_processes, Power::bpf}), capability(CAP_SYS_PTRACE) |
                                                                      capability(CAP_DAC_READ_SEARCH) |
                                                                      capability(CAP_BPF) | capability(CAP_PERFMON));
}

class OwnNeeds : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, whom modes do not stop";
    fs::create_directories(root_ / "state");
    std::ofstream(root_ / "config.yml") << "{}\n";
    fs::permissions(root_ / "config.yml", fs::perms::owner_read);
    fs::permissions(root_ / "state", fs::perms::owner_all);
  }
  void TearDown() override { fs::remove_all(root_); }
  void give(const std::string& name) { ASSERT_EQ(::chown((root_ / name).c_str(), 65534, 65534), 0); }
  Capabilities needed() const {
    return own_capabilities(config_of({"--path.state=" + (root_ / "state").string()}),
                            {(root_ / "config.yml").string()});
  }

  fs::path root_ = fs::temp_directory_path() / ("vitalsd-own-" + std::to_string(::getpid()));
};

TEST_F(OwnNeeds, AreNoneWhereModesAllowIt) {
  const auto before = capabilities::held();
  EXPECT_EQ(needed(), 0U);
  EXPECT_EQ(capabilities::held()->effective, before->effective) << "what was effective is so again";
}
TEST_F(OwnNeeds, AreToReadTheFileOfAnother) {
  give("config.yml");
  EXPECT_EQ(needed(), capability(CAP_DAC_READ_SEARCH));
}
TEST_F(OwnNeeds, AreToWriteToTheStateOfAnother) {
  give("state");
  EXPECT_EQ(needed(), capability(CAP_DAC_OVERRIDE));
}
TEST_F(OwnNeeds, OfProbesAreTheirFilesAndSockets) {
  std::ofstream(root_ / "token") << "x\n";
  fs::permissions(root_ / "token", fs::perms::owner_read);
  Config config = config_of({"--path.state=", "--collector.probe.targets=a:target=http://b/"});
  Options& options = config.collectors.at("probe").options;
  Record record = options.records("targets").front();
  const auto needed_for = [&](const Record& one) {
    options.set("targets", {.text = {}, .items = {}, .records = {one}});
    return own_capabilities(config, {});
  };
  record.texts["bearer_token_file"] = root_ / "token";
  EXPECT_EQ(needed_for(record), 0U);
  give("token");
  EXPECT_EQ(needed_for(record), capability(CAP_DAC_READ_SEARCH));
  EXPECT_EQ(needed_for({{"name", "a"}, {"target", "unix:" + (root_ / "token").string() + ":/x"}}),
            capability(CAP_DAC_OVERRIDE));
  config.collectors.at("probe").enabled = false;
  EXPECT_EQ(needed_for(record), 0U);
}
TEST_F(OwnNeeds, AreNoneForWhatIsNotThere) {
  fs::remove_all(root_);
  EXPECT_EQ(needed(), 0U);
}

// This thread's no_new_privs, seccomp mode and effective capabilities.
std::string doors() {
  return std::to_string(::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)) + std::to_string(::prctl(PR_GET_SECCOMP)) + " " +
         capabilities::names_of(capabilities::held()->effective);
}

std::string entered(std::vector<std::string> arguments) {
  return in_child([&] {
    const Config config = config_of(std::move(arguments));
    Log log("error", "logfmt");
    Sandbox sandbox;
    sandbox.enter(config, needs_of(config), {}, log);
    const auto& report = sandbox.report();
    return doors() + "|" + report.no_new_privs + "|" + report.capabilities + "|" + report.seccomp + "|" +
           report.landlock;
  });
}

TEST(SandboxTest, OffDoesNothing) {
  EXPECT_EQ(entered({"--security.sandbox=off"}), in_child(doors) + "|off|off|off|off");
}

TEST(SandboxTest, KeepsWhatCollectorsNeed) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to have something to give up";
  EXPECT_THAT(entered({"--no-collector.pressure"}), testing::MatchesRegex("12 \\|on\\|on\\|on\\|(on|not .*)"));
  EXPECT_EQ(entered({"--no-collector.pressure", "--collector.targets.watch=a:comm=b"}),
            "12 CAP_DAC_READ_SEARCH CAP_SYS_PTRACE|on|on|on|reads other processes");
}

TEST(SandboxTest, TheStateDirectoryIsMadeBeforeItCannotBe) {
  const fs::path state = fs::temp_directory_path() / ("vitalsd-made-" + std::to_string(::getpid()));
  const auto result = in_child([&]() -> std::string {
    const Config config = config_of({"--path.state=" + state.string()});
    Log log("error", "logfmt");
    Sandbox sandbox;
    sandbox.enter(config, needs_of(config), {}, log);
    if (sandbox.report().landlock != "on") return "no Landlock";
    const StateFile inside(state, "groups", 1), outside(state.string() + ".outside", "groups", 1);
    for (int round = 0; round < 2; ++round) {  // the second time, the files exist
      if (const auto saved = inside.save("text", true); !saved) return "state: " + describe(saved.error());
      if (const auto kept = report_files::write(state / "reports", "a", "{}"); !kept) return "report";
    }
    report_files::remove(state / "reports", "a");
    if (!report_files::list(state / "reports").empty()) return "a report stays";
    return outside.save("text", false) ? "outside" : "inside alone";
  });
  fs::remove_all(state);
  fs::remove_all(state.string() + ".outside");
  if (result == "no Landlock") GTEST_SKIP() << result;
  EXPECT_EQ(result, "inside alone");
}

}  // namespace
}  // namespace vitalsd
