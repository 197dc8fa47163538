// The loader from end to end: precedence, types, and every fault as it is printed.
#include "daemon/load_config.h"

#include <gmock/gmock.h>

#include "daemon/fault.h"
#include "tests/daemon/config_fakes.h"

namespace vitalsd::conf {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using Lines = std::vector<std::string>;

TEST(LoadConfig, HasDefaultsThatWork) {
  const LoadedConfig loaded = load_fake({});
  EXPECT_THAT(described(loaded.faults), IsEmpty());
  EXPECT_EQ(loaded.command, Command::run);
  EXPECT_EQ(loaded.config_file, "");
  const Config& config = loaded.config;
  EXPECT_THAT(config.web.listen_addresses, ElementsAre(":9955"));
  EXPECT_EQ(config.web.telemetry_path, "/metrics");
  EXPECT_EQ(config.web.max_requests, 40U);
  EXPECT_THAT(config.web.probe_addresses, IsEmpty());
  EXPECT_FALSE(config.web.enable_lifecycle);
  EXPECT_FALSE(config.web.systemd_socket);
  EXPECT_EQ(config.paths, (Config::Paths{"/proc", "/sys", "/", "/run/udev/data", "/sys/fs/cgroup", ""}));
  EXPECT_EQ(config.log, (Config::Log{"info", "logfmt"}));
  EXPECT_THAT(config.external_labels, IsEmpty());
  EXPECT_EQ(config.shutdown.timeout, 10s);
  EXPECT_EQ(config.shutdown.hold_for_scrape, 0s);
  ASSERT_EQ(config.collectors.size(), 3U);
  EXPECT_FALSE(config.collectors.at("extra").enabled);
  const CollectorConfig& every = config.collectors.at("every");
  EXPECT_TRUE(every.enabled);
  EXPECT_EQ(every.interval, 5s);
  EXPECT_EQ(every.timeout, 2s);
  EXPECT_EQ(every.fresh, 1s);
  EXPECT_EQ(every.options, Options::defaults(kEveryOption));
}

TEST(LoadConfig, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  struct Case {
    std::string file, variable;
    Lines flags;
    std::string level;
  };
  const Case cases[] = {
      {"", "", {}, "info"},
      {"log: {level: error}", "", {}, "error"},
      {"log: {level: error}", "warn", {}, "warn"},
      {"log: {level: error}", "warn", {"--log.level=debug"}, "debug"},
      {"", "warn", {}, "warn"},
      {"log: {level: }", "", {}, "info"},
  };
  for (const auto& [file, variable, flags, level] : cases) {
    std::map<std::string, std::string, std::less<>> environment;
    if (!variable.empty()) environment["VITALSD_LOG_LEVEL"] = variable;
    const LoadedConfig loaded = load_fake(flags, file, environment);
    EXPECT_THAT(described(loaded.faults), IsEmpty());
    EXPECT_EQ(loaded.config.log.level, level) << file << variable;
  }
}

constexpr const char* kWholeFile = R"(
web: {listen_address: ["127.0.0.1:1", "unix:/run/v"], telemetry_path: /m, max_requests: 0, probe_address: ":2",
      enable_lifecycle: true, systemd_socket: true}
paths: {procfs: /p, sysfs: /s, rootfs: /r, udev_data: /u, cgroupfs: /c, state: "/var/${NAME:-x}"}
log: {level: debug, format: json}
external_labels: {zone: b, cluster: "${CLUSTER}", none: "", nothing: }
shutdown: {timeout: 1m30s, hold_for_scrape: 5s}
collectors:
  defaults: {interval: 10s, timeout: 3s, fresh: 0}
  cpu: {interval: 1s, info_flags_include: '^(a|b)$'}
  extra: {enabled: true}
  every:
    guest: false
    label: "${CLUSTER} $$1"
    include: "x|y"
    depth: -4
    window: 2w
    limit: 3Mi
    units: [a, "b,c"]
    watch:
      - {name: one, comm: nginx}
      - {name: two, pid: "7"}
)";

void expect_whole(const Config& config) {
  EXPECT_THAT(config.web.listen_addresses, ElementsAre("127.0.0.1:1", "unix:/run/v"));
  EXPECT_EQ(config.web.telemetry_path, "/m");
  EXPECT_EQ(config.web.max_requests, 0U);
  EXPECT_THAT(config.web.probe_addresses, ElementsAre(":2"));
  EXPECT_TRUE(config.web.enable_lifecycle);
  EXPECT_TRUE(config.web.systemd_socket);
  EXPECT_EQ(config.paths, (Config::Paths{"/p", "/s", "/r", "/u", "/c", "/var/x"}));
  EXPECT_EQ(config.log, (Config::Log{"debug", "json"}));
  EXPECT_THAT(config.external_labels, ElementsAre(std::pair("cluster", "eu"), std::pair("zone", "b")));
  EXPECT_EQ(config.shutdown.timeout, 90s);
  EXPECT_EQ(config.shutdown.hold_for_scrape, 5s);
  const CollectorConfig& cpu = config.collectors.at("cpu");
  EXPECT_EQ(cpu.interval, 1s);
  EXPECT_EQ(cpu.timeout, 3s);
  EXPECT_EQ(cpu.fresh, 0s);
  EXPECT_EQ(cpu.options.text("info_flags_include"), "^(a|b)$");
  EXPECT_TRUE(config.collectors.at("extra").enabled);
  const CollectorConfig& every = config.collectors.at("every");
  EXPECT_EQ(every.interval, 10s);
  EXPECT_FALSE(every.options.flag("guest"));
  EXPECT_EQ(every.options.text("label"), "eu $1");
  EXPECT_EQ(every.options.text("include"), "x|y");
  EXPECT_EQ(every.options.integer("depth"), -4);
  EXPECT_EQ(every.options.duration("window"), 336h);
  EXPECT_EQ(every.options.size("limit"), 3U << 20U);
  EXPECT_THAT(every.options.list("units"), ElementsAre("a", "b,c"));
  EXPECT_THAT(every.options.records("watch"), ElementsAre(Record{{"name", "one"}, {"comm", "nginx"}},
                                                          Record{{"name", "two"}, {"pid", "7"}}));
}

TEST(LoadConfig, TakesEverySettingFromTheFile) {
  const LoadedConfig loaded = load_fake({}, kWholeFile, {{"CLUSTER", "eu"}});
  EXPECT_THAT(described(loaded.faults), IsEmpty());
  EXPECT_EQ(loaded.config_file, "c.yml");
  expect_whole(loaded.config);
}

TEST(LoadConfig, TakesEverySettingFromFlags) {
  const LoadedConfig loaded = load_fake(
      {"--web.listen-address=127.0.0.1:1", "--web.listen-address", "unix:/run/v", "--web.telemetry-path=/m",
       "--web.max-requests", "0", "--web.probe-address=:2", "--web.enable-lifecycle", "--web.systemd-socket=true",
       "--path.procfs=/p", "--path.sysfs=/s", "--path.rootfs=/r", "--path.udev.data=/u", "--path.cgroupfs=/c",
       "--path.state=/var/x", "--log.level=debug", "--log.format=json", "--external-labels=zone=b",
       "--external-labels=cluster=eu", "--shutdown.timeout=1m30s", "--shutdown.hold-for-scrape=5s",
       "--collector.defaults.interval=10s", "--collector.defaults.timeout=3s", "--collector.defaults.fresh=0",
       "--collector.cpu.interval=1s", "--collector.cpu.info.flags-include=^(a|b)$", "--collector.extra",
       "--no-collector.every.guest", "--collector.every.label=eu $1", "--collector.every.include=x|y",
       "--collector.every.depth", "-4", "--collector.every.window=2w", "--collector.every.limit=3Mi",
       "--collector.every.units=a", "--collector.every.units=b,c", "--collector.every.watch=one:comm=nginx",
       "--collector.every.watch=two:pid=7"});
  EXPECT_THAT(described(loaded.faults), IsEmpty());
  expect_whole(loaded.config);
}

TEST(LoadConfig, TakesEverySettingFromTheEnvironment) {
  const LoadedConfig loaded = load_fake({}, "", {{"VITALSD_WEB_LISTEN_ADDRESS", "127.0.0.1:1, unix:/run/v"},
                                                 {"VITALSD_WEB_TELEMETRY_PATH", "/m"},
                                                 {"VITALSD_WEB_MAX_REQUESTS", "0"},
                                                 {"VITALSD_WEB_PROBE_ADDRESS", ":2"},
                                                 {"VITALSD_WEB_ENABLE_LIFECYCLE", "true"},
                                                 {"VITALSD_WEB_SYSTEMD_SOCKET", "true"},
                                                 {"VITALSD_PATH_PROCFS", "/p"},
                                                 {"VITALSD_PATH_SYSFS", "/s"},
                                                 {"VITALSD_PATH_ROOTFS", "/r"},
                                                 {"VITALSD_PATH_UDEV_DATA", "/u"},
                                                 {"VITALSD_PATH_CGROUPFS", "/c"},
                                                 {"VITALSD_PATH_STATE", "/var/x"},
                                                 {"VITALSD_LOG_LEVEL", "debug"},
                                                 {"VITALSD_LOG_FORMAT", "json"},
                                                 {"VITALSD_EXTERNAL_LABELS", "zone=b,cluster=eu"},
                                                 {"VITALSD_SHUTDOWN_TIMEOUT", "1m30s"},
                                                 {"VITALSD_SHUTDOWN_HOLD_FOR_SCRAPE", "5s"},
                                                 {"VITALSD_COLLECTOR_DEFAULTS_INTERVAL", "10s"},
                                                 {"VITALSD_COLLECTOR_DEFAULTS_TIMEOUT", "3s"},
                                                 {"VITALSD_COLLECTOR_DEFAULTS_FRESH", "0"},
                                                 {"VITALSD_COLLECTOR_CPU_INTERVAL", "1s"},
                                                 {"VITALSD_COLLECTOR_CPU_INFO_FLAGS_INCLUDE", "^(a|b)$"},
                                                 {"VITALSD_COLLECTOR_EXTRA", "true"},
                                                 {"VITALSD_COLLECTOR_EVERY_GUEST", "false"},
                                                 {"VITALSD_COLLECTOR_EVERY_LABEL", "eu $1"},
                                                 {"VITALSD_COLLECTOR_EVERY_INCLUDE", "x|y"},
                                                 {"VITALSD_COLLECTOR_EVERY_DEPTH", "-4"},
                                                 {"VITALSD_COLLECTOR_EVERY_WINDOW", "2w"},
                                                 {"VITALSD_COLLECTOR_EVERY_LIMIT", "3Mi"},
                                                 {"VITALSD_COLLECTOR_EVERY_UNITS", "a\nb,c\n"},
                                                 {"VITALSD_COLLECTOR_EVERY_WATCH", "one:comm=nginx; two:pid=7"}});
  EXPECT_THAT(described(loaded.faults), IsEmpty());
  expect_whole(loaded.config);
}

TEST(LoadConfig, PrintsWhatLoadsToTheSame) {
  LoadedConfig first = load_fake({"--config.print"}, kWholeFile, {{"CLUSTER", "eu\n\"\\\x7f${x}# : \xc3\xa4"}});
  ASSERT_THAT(described(first.faults), IsEmpty());
  const LoadedConfig second = load_fake({"--config.print"}, first.printed);
  ASSERT_THAT(described(second.faults), IsEmpty()) << first.printed;
  EXPECT_EQ(second.config, first.config) << first.printed;
  const LoadedConfig defaults = load_fake({"--config.print"});
  const LoadedConfig again = load_fake({}, defaults.printed);
  ASSERT_THAT(described(again.faults), IsEmpty()) << defaults.printed;
  EXPECT_EQ(again.config, defaults.config) << defaults.printed;
}

struct FaultCase {
  std::string file;
  Lines expected;
};

void expect_faults(std::initializer_list<FaultCase> cases) {
  for (const auto& [file, expected] : cases) {
    EXPECT_THAT(described(load_fake({}, file).faults), ElementsAreArray(expected)) << file;
  }
}

TEST(FileFaults, UnknownKeys) {
  expect_faults({
      {"collectors: {cpu: {intervall: 5s}}", {"c.yml:1:20: unknown key 'intervall', did you mean 'interval'?"}},
      {"collectors:\n  cpuu: {interval: 5s}", {"c.yml:2:3: unknown collector 'cpuu', did you mean 'cpu'?"}},
      {"wep:\n  max_requests: 1", {"c.yml:1:1: unknown key 'wep', did you mean 'web'?"}},
      {"web: {listen-address: [':1']}", {"c.yml:1:7: unknown key 'listen-address', did you mean 'listen_address'?"}},
      {"procfs: /x", {"c.yml:1:1: unknown key 'procfs', did you mean 'paths.procfs'?"}},
      {"web: {zzzzzzzz: 1}", {"c.yml:1:7: unknown key 'zzzzzzzz' in 'web'"}},
      {"zzzzzzzz: 1", {"c.yml:1:1: unknown key 'zzzzzzzz'"}},
      {"web.max_requests: 1", {"c.yml:1:1: unknown key 'web.max_requests'"}},
      {"collectors: {every: {watch: [{name: a, com: x}]}}", {"c.yml:1:40: unknown key 'com', did you mean 'comm'?"}},
      {"a\nb", {"c.yml:1:1: expected a mapping, got 'a b'"}},
  });
}

TEST(FileFaults, WrongTypes) {
  expect_faults({
      {"collectors: {cpu: {interval: x}}", {"c.yml:1:30: expected a duration such as 5s or 1m30s, got 'x'"}},
      {"collectors: {cpu: {interval: 5}}", {"c.yml:1:30: expected a duration such as 5s or 1m30s, got '5'"}},
      {"collectors: {cpu: {interval: [5s]}}", {"c.yml:1:30: expected a duration such as 5s or 1m30s, got a list"}},
      {"collectors: {cpu: {enabled: yes}}", {"c.yml:1:29: expected true or false, got 'yes'"}},
      {"collectors: {cpu: true}", {"c.yml:1:19: expected a mapping in 'collectors.cpu', got 'true'"}},
      {"web: [1]", {"c.yml:1:6: expected a mapping in 'web', got a list"}},
      {"web: {max_requests: many}", {"c.yml:1:21: expected a whole number, got 'many'"}},
      {"web: {max_requests: -1}", {"c.yml:1:21: must be within 0 to 1000000, got '-1'"}},
      {"web: {max_requests: 99999999999999999999}", {"c.yml:1:21: expected a whole number, got '99999999999999999999'"}},
      {"web: {telemetry_path: {a: b}}", {"c.yml:1:23: expected text, got a mapping"}},
      {"web: {listen_address: [[':1']]}", {"c.yml:1:24: expected text, got a list"}},
      {"web: {listen_address: [~]}", {"c.yml:1:24: expected text, got nothing"}},
      {"collectors: {every: {limit: 5x}}", {"c.yml:1:29: expected a size such as 2k or 64Mi, got '5x'"}},
      {"collectors: {every: {limit: 99999999999Ti}}", {"c.yml:1:29: is too large: '99999999999Ti'"}},
      {"collectors: {every: {include: [a]}}", {"c.yml:1:31: expected a regular expression, got a list"}},
      {"external_labels: [a]", {"c.yml:1:18: expected a mapping of names to values, got a list"}},
      {"collectors: {every: {watch: {name: a}}}", {"c.yml:1:29: expected a list of records, got a mapping"}},
      {"collectors: {every: {watch: [a]}}", {"c.yml:1:30: expected a record such as {name: x, ...}, got 'a'"}},
      {"collectors: {every: {watch: [{comm: a}]}}", {"c.yml:1:30: a record needs a 'name'"}},
      {"log: {level: inof}",
       {"c.yml:1:14: expected one of debug, info, warn, error, got 'inof', did you mean 'info'?"}},
      {"paths: {state: \"a\\0b\"}", {"c.yml:1:16: must not hold a NUL: 'a\\x00b'"}},
  });
}

TEST(FileFaults, Bounds) {
  expect_faults({
      {"collectors: {cpu: {interval: 99ms}}", {"c.yml:1:30: must be within 100ms to 1d, got '99ms'"}},
      {"collectors: {cpu: {interval: 100ms, timeout: 1d, fresh: 0}}", {}},
      {"collectors: {cpu: {timeout: 0}}", {"c.yml:1:29: must be within 1ms to 1d, got '0'"}},
      {"collectors: {defaults: {fresh: 2d}}", {"c.yml:1:32: must be within 0s to 1d, got '2d'"}},
      {"shutdown: {timeout: 0s}", {"c.yml:1:21: must be within 1ms to 1d, got '0s'"}},
  });
}

TEST(FileFaults, Meaning) {
  expect_faults({
      {"web: {telemetry_path: metrics}", {"c.yml:1:23: must begin with '/', got 'metrics'"}},
      {"web: {telemetry_path: /health}", {"c.yml:1:23: '/health' serves something else"}},
      {"web: {telemetry_path: '/a?b'}", {"c.yml:1:23: must be plain ASCII without blanks, '?', '#' and '%', got '/a?b'"}},
      {"web: {config_file: w.yml}",
       {"c.yml:1:20: TLS and password files are not supported by this build yet; remove web.config_file"}},
      {"web: {listen_address: []}", {"c.yml:1:23: at least one address is needed"}},
      {"web: {listen_address: [], systemd_socket: true}", {}},
      {"web: {listen_address: [':1', ':1']}", {"c.yml:1:30: address ':1' is given twice"}},
      {"web: {listen_address: [':1'], probe_address: ':1'}", {"c.yml:1:46: address ':1' is given twice"}},
      {"web: {listen_address: ['127.0.0.1:0'], probe_address: ['127.0.0.1:0']}", {}},
      {"paths: {procfs: ''}", {"c.yml:1:17: must not be empty"}},
      {"external_labels: {a-b: x}",
       {"c.yml:1:19: 'a-b' is no label name: letters, digits and '_', not beginning with a digit"}},
      {"external_labels: {__a: x}", {"c.yml:1:19: label names beginning with '__' are reserved: '__a'"}},
      {"collectors: {every: {watch: [{name: a, pid: 1}, {name: a, pid: 2}]}}", {"c.yml:1:49: name 'a' is given twice"}},
  });
  const auto faults = load_fake({}, "web: {listen_address: [':1', nonsense]}").faults;
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].where, "c.yml:1:30");
  EXPECT_THAT(faults[0].message, testing::HasSubstr("nonsense"));
}

TEST(FileFaults, CollectorsOwnChecks) {
  expect_faults({
      {"collectors: {every: {include: bad(}}", {"c.yml:1:31: not a regular expression: missing )"}},
      {"collectors: {every: {include: bad(, enabled: false}}", {}},
      {"collectors: {every: {watch: [{name: a, pid: 1}, {name: b}]}}", {"c.yml:1:49: exactly one of pid, comm is needed"}},
      {"collectors: {every: {depth: 13}}", {"collectors.every: will not run"}},
      // What is already told as broken is not judged a second time.
      {"collectors: {every: {depth: x, include: bad(}}", {"c.yml:1:29: expected a whole number, got 'x'"}},
  });
  EXPECT_THAT(described(load_fake({"--collector.every.include=bad("}).faults),
              ElementsAre("--collector.every.include: not a regular expression: missing )"));
}

TEST(FileFaults, Interpolation) {
  expect_faults({
      {"paths: {state: '${NONE}'}", {"c.yml:1:16: variable NONE is not set; ${NONE:-default} would give it a default"}},
      {"paths: {state: '${NONE:?where to keep things}'}",
       {"c.yml:1:16: variable NONE is not set, it is needed: 'where to keep things'"}},
      {"external_labels:\n  a: ${", {"c.yml:2:6: '${' has no '}'; write '$${' for a plain '${'"}},
      {"collectors: {cpu: {interval: '${NONE:-x}'}}", {"c.yml:1:30: expected a duration such as 5s or 1m30s, got 'x'"}},
  });
}

TEST(Faults, AreToldAllInOneRun) {
  const LoadedConfig loaded = load_fake(
      {"--web.listen-adress=:1", "--collector.cpu.interval=x"},
      "web:\n  max_requests: x\n  telemetry: /m\nlog:\n  level: loud\ncollectors:\n  every: {include: bad}\n  cpu:\n    fresh: 1\n",
      {{"VITALSD_LOG_FORMAT", "xml"}, {"VITALSD_LOG_LEVLE", "info"}});
  EXPECT_THAT(described(loaded.faults),
              ElementsAre("--web.listen-adress: unknown flag, did you mean '--web.listen-address'?",
                          "--collector.cpu.interval: expected a duration such as 5s or 1m30s, got 'x'",
                          "$VITALSD_LOG_FORMAT: expected one of logfmt, json, got 'xml'",
                          "$VITALSD_LOG_LEVLE: unknown variable, did you mean 'VITALSD_LOG_LEVEL'?",
                          "c.yml:2:17: expected a whole number, got 'x'", "c.yml:3:3: unknown key 'telemetry' in 'web'",
                          "c.yml:5:10: expected one of debug, info, warn, error, got 'loud'",
                          "c.yml:7:20: not a regular expression: missing )",
                          "c.yml:9:12: expected a duration such as 5s or 1m30s, got '1'"));
}

TEST(Faults, AreLimitedInNumberAndLength) {
  std::string file;
  for (int i = 0; i < 1000; ++i) file += "zzzzzzzz" + std::to_string(i) + ": 1\n";
  const auto faults = load_fake({}, file).faults;
  EXPECT_EQ(faults.size(), Faults::kLimit + 1);
  EXPECT_EQ(describe(faults.back()), "c.yml:256:1: and 744 more faults, not shown");
  const auto lines = described(load_fake({"--" + std::string(5000, 'x') + "\n"}).faults);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_LT(lines[0].size(), 200U);
}

TEST(ConfigFileFaults, NameWhoAskedForIt) {
  EXPECT_THAT(described(load_fake({"--config.file=none.yml"}).faults), ElementsAre("--config.file: cannot open 'none.yml'"));
  EXPECT_THAT(described(load_fake({}, "", {{"VITALSD_CONFIG_FILE", "none.yml"}}).faults),
              ElementsAre("$VITALSD_CONFIG_FILE: cannot open 'none.yml'"));
  EXPECT_THAT(load_fake({"--config.file="}).faults, IsEmpty());
}

TEST(DisableDefaults, LeavesWhatIsEnabledByName) {
  struct Case {
    Lines flags;
    std::string file;
    std::string variable;
    Lines on;
  };
  const Case cases[] = {
      {{}, "", "", {"cpu", "every"}},
      {{"--collector.disable-defaults"}, "", "", {}},
      {{"--collector.disable-defaults", "--collector.cpu"}, "", "", {"cpu"}},
      {{"--collector.disable-defaults"}, "collectors: {extra: {enabled: true}}", "", {"extra"}},
      {{"--collector.disable-defaults"}, "", "true", {"every"}},
      {{"--collector.disable-defaults", "--no-collector.every"}, "", "true", {}},
      {{"--collector.extra"}, "collectors: {disable_defaults: true}", "", {"extra"}},
      {{"--no-collector.disable-defaults"}, "collectors: {disable_defaults: true}", "", {"cpu", "every"}},
      {{"--no-collector.cpu", "--collector.extra.enabled=true"}, "", "", {"every", "extra"}},
  };
  for (const auto& [flags, file, variable, on] : cases) {
    std::map<std::string, std::string, std::less<>> environment;
    if (!variable.empty()) environment["VITALSD_COLLECTOR_EVERY"] = variable;
    const LoadedConfig loaded = load_fake(flags, file, environment);
    EXPECT_THAT(described(loaded.faults), IsEmpty());
    Lines got;
    for (const auto& [name, collector] : loaded.config.collectors) {
      if (collector.enabled) got.push_back(name);
    }
    EXPECT_EQ(got, on) << testing::PrintToString(flags) << file;
  }
}

TEST(Lists, OfAHigherLayerReplaceThoseBelow) {
  const std::string file = "web: {listen_address: [':1', ':2']}";
  EXPECT_THAT(load_fake({}, file).config.web.listen_addresses, ElementsAre(":1", ":2"));
  EXPECT_THAT(load_fake({}, file, {{"VITALSD_WEB_LISTEN_ADDRESS", ":3"}}).config.web.listen_addresses, ElementsAre(":3"));
  EXPECT_THAT(load_fake({"--web.listen-address=:4", "--web.listen-address=:5"}, file,
                        {{"VITALSD_WEB_LISTEN_ADDRESS", ":3"}}).config.web.listen_addresses,
              ElementsAre(":4", ":5"));
}

TEST(StateDirectory, IsTheDefaultOfPathState) {
  const std::map<std::string, std::string, std::less<>> environment = {{"STATE_DIRECTORY", "/var/lib/v:/other"}};
  EXPECT_EQ(load_fake({}, "", environment).config.paths.state, "/var/lib/v");
  EXPECT_EQ(load_fake({"--path.state=/x"}, "", environment).config.paths.state, "/x");
  EXPECT_EQ(load_fake({}, "paths: {state: /y}", environment).config.paths.state, "/y");
}

TEST(Commands, AreToldApart) {
  const std::pair<Lines, Command> cases[] = {
      {{}, Command::run},
      {{"--help"}, Command::help},
      {{"-h"}, Command::help},
      {{"--help", "--nonsense", "stray"}, Command::help},
      {{"--once", "--version"}, Command::version},
      {{"--once"}, Command::once},
      {{"--no-once"}, Command::run},
      {{"--collectors"}, Command::list_collectors},
      {{"--config.check"}, Command::check_config},
      {{"--config.print"}, Command::print_config},
      {{"--reference"}, Command::reference},
      {{"healthcheck"}, Command::healthcheck},
      {{"--log.level=warn", "healthcheck"}, Command::healthcheck},
  };
  for (const auto& [arguments, command] : cases) {
    const LoadedConfig loaded = load_fake(arguments);
    EXPECT_EQ(loaded.command, command) << testing::PrintToString(arguments);
    EXPECT_THAT(described(loaded.faults), IsEmpty()) << testing::PrintToString(arguments);
  }
  EXPECT_THAT(described(load_fake({"--once", "--config.check"}).faults),
              ElementsAre("--once: cannot be combined with --config.check"));
  EXPECT_EQ(load_fake({}, "", {{"VITALSD_ONCE", "true"}}).command, Command::once);
  EXPECT_EQ(load_fake({}, "", {{"VITALSD_VERSION", "1.2.3"}}).command, Command::run);
}

TEST(Healthcheck, FindsItsAddress) {
  const std::pair<Lines, const char*> cases[] = {
      {{}, "http://127.0.0.1:9955/-/healthy"},
      {{"--url=http://x/"}, "http://x/"},
      {{"--web.listen-address=0.0.0.0:1"}, "http://127.0.0.1:1/-/healthy"},
      {{"--web.listen-address=[::]:1"}, "http://[::1]:1/-/healthy"},
      {{"--web.listen-address=10.0.0.1:1"}, "http://10.0.0.1:1/-/healthy"},
      {{"--web.listen-address=:1", "--web.probe-address=:2"}, "http://127.0.0.1:2/-/healthy"},
      {{"--web.listen-address=unix:/run/v"}, "unix:/run/v"},
  };
  for (auto [arguments, url] : cases) {
    arguments.emplace_back("healthcheck");
    const LoadedConfig loaded = load_fake(arguments);
    EXPECT_THAT(described(loaded.faults), IsEmpty());
    EXPECT_EQ(loaded.healthcheck_url, url);
  }
  // A daemon is not ill because its file is being edited.
  EXPECT_THAT(load_fake({"healthcheck"}, "nonsense").faults, IsEmpty());
  EXPECT_THAT(described(load_fake({"--url=x"}).faults), ElementsAre("--url: belongs to 'vitalsd healthcheck'"));
}

}  // namespace
}  // namespace vitalsd::conf
