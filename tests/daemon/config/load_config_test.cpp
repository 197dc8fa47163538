// Tests the loader from end to end: precedence, types, commands.
#include "daemon/config/load_config.h"

#include <gmock/gmock.h>

#include "tests/daemon/config/config_fakes.h"

namespace vitalsd::conf {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
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

// What is handed over is no option of the table, by which the collector is configured.
TEST(LoadConfig, CgroupsKnowsWhereTheKubeletsLogsAre) {
  const CollectorSpec cgroups[] = {{.name = "cgroups", .help = "", .make = nullptr}};
  const auto options_of = [&](std::vector<std::string> flags) {
    flags.emplace_back("--collectors");
    const auto loaded = load({std::move(flags), {}}, cgroups, [](const std::string&) { return std::string(); });
    return loaded.config.collectors.at("cgroups").options;
  };
  EXPECT_EQ(options_of({}).text("paths.pod_logs"), "/var/log/pods");
  EXPECT_EQ(options_of({"--path.container-logs="}).text("paths.container_logs"), "");
  EXPECT_EQ(options_of({"--path.pod-logs=/p"}).text("paths.pod_logs"), "/p");
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
  EXPECT_THAT(every.options.records("watch"),
              ElementsAre(Record{{"name", "one"}, {"comm", "nginx"}}, Record{{"name", "two"}, {"pid", "7"}}));
}

TEST(LoadConfig, TakesEverySettingFromTheFile) {
  const LoadedConfig loaded = load_fake({}, kWholeFile, {{"CLUSTER", "eu"}});
  EXPECT_THAT(described(loaded.faults), IsEmpty());
  EXPECT_EQ(loaded.config_file, "c.yml");
  expect_whole(loaded.config);
}

TEST(LoadConfig, TakesEverySettingFromFlags) {
  const LoadedConfig loaded = load_fake({"--web.listen-address=127.0.0.1:1",
                                         "--web.listen-address",
                                         "unix:/run/v",
                                         "--web.telemetry-path=/m",
                                         "--web.max-requests",
                                         "0",
                                         "--web.probe-address=:2",
                                         "--web.enable-lifecycle",
                                         "--web.systemd-socket=true",
                                         "--path.procfs=/p",
                                         "--path.sysfs=/s",
                                         "--path.rootfs=/r",
                                         "--path.udev.data=/u",
                                         "--path.cgroupfs=/c",
                                         "--path.state=/var/x",
                                         "--log.level=debug",
                                         "--log.format=json",
                                         "--external-labels=zone=b",
                                         "--external-labels=cluster=eu",
                                         "--shutdown.timeout=1m30s",
                                         "--shutdown.hold-for-scrape=5s",
                                         "--collector.defaults.interval=10s",
                                         "--collector.defaults.timeout=3s",
                                         "--collector.defaults.fresh=0",
                                         "--collector.cpu.interval=1s",
                                         "--collector.cpu.info.flags-include=^(a|b)$",
                                         "--collector.extra",
                                         "--no-collector.every.guest",
                                         "--collector.every.label=eu $1",
                                         "--collector.every.include=x|y",
                                         "--collector.every.depth",
                                         "-4",
                                         "--collector.every.window=2w",
                                         "--collector.every.limit=3Mi",
                                         "--collector.every.units=a",
                                         "--collector.every.units=b,c",
                                         "--collector.every.watch=one:comm=nginx",
                                         "--collector.every.watch=two:pid=7"});
  EXPECT_THAT(described(loaded.faults), IsEmpty());
  expect_whole(loaded.config);
}

TEST(LoadConfig, TakesEverySettingFromTheEnvironment) {
  const LoadedConfig loaded = load_fake({}, "",
                                        {{"VITALSD_WEB_LISTEN_ADDRESS", "127.0.0.1:1, unix:/run/v"},
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
  EXPECT_THAT(load_fake({}, file, {{"VITALSD_WEB_LISTEN_ADDRESS", ":3"}}).config.web.listen_addresses,
              ElementsAre(":3"));
  EXPECT_THAT(
      load_fake({"--web.listen-address=:4", "--web.listen-address=:5"}, file, {{"VITALSD_WEB_LISTEN_ADDRESS", ":3"}})
          .config.web.listen_addresses,
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
      {{"--help=all"}, Command::help},
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
  // A file that is being edited does not make the running daemon unhealthy.
  EXPECT_THAT(load_fake({"healthcheck"}, "nonsense").faults, IsEmpty());
  EXPECT_THAT(described(load_fake({"--url=x"}).faults), ElementsAre("--url: is for 'vitalsd healthcheck' only"));
}

}  // namespace
}  // namespace vitalsd::conf
