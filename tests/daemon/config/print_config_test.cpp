// --config.print, --help, --collectors and --reference.
#include "daemon/config/print_config.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "daemon/config/file_layer.h"
#include "daemon/config/yaml_source.h"
#include "daemon/manual/reference.h"
#include "tests/daemon/config/config_fakes.h"

namespace vitalsd::conf {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(YamlText, IsReadBackAsItself) {
  const std::pair<std::string, const char*> cases[] = {
      {"plain", "plain"},
      {"/a/b-c.d_e", "/a/b-c.d_e"},
      {"", R"("")"},
      {"null", R"("null")"},
      {"Yes", R"("Yes")"},
      {"5s", R"("5s")"},
      {"a b", R"("a b")"},
      {"a: b", R"("a: b")"},
      {"a#b", R"("a#b")"},
      {"~", R"("~")"},
      {"-", R"("-")"},
      {"$x", R"("$$x")"},
      {"${A}", R"("$${A}")"},
      {"a\"b\\c", R"("a\"b\\c")"},
      {"\n\t", R"("\x0a\x09")"},
      {"\xc3\xa4", "\"\xc3\xa4\""},
      {"\x7f", R"("\x7f")"},
      {"*a", R"("*a")"},
      {"&a", R"("&a")"},
      {"!a", R"("!a")"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(yaml_text(text), expected);
    std::vector<YamlFault> faults;
    const YamlNode node = parse_yaml("k: " + yaml_text(text), faults);
    ASSERT_TRUE(faults.empty()) << text;
    EXPECT_EQ(interpolate(node.entries.at(0).value.text, {}), text);
  }
}

TEST(PrintConfig, ShowsNoSecretOfAUrl) {
  const LoadedConfig loaded = load_fake({"--config.print", "--shutdown.push-url=http://gateway:9091/x?token=secret"});
  ASSERT_TRUE(loaded.faults.empty());
  EXPECT_NE(loaded.printed.find("push_url: \"http://gateway:9091/x?***\""), std::string::npos) << loaded.printed;
  const LoadedConfig refused = load_fake({"--shutdown.push-url=http://user:secret@gateway:port"});
  ASSERT_EQ(refused.faults.size(), 1U);
  EXPECT_EQ(refused.faults[0].message.find("secret"), std::string::npos) << refused.faults[0].message;
}

TEST(PrintConfig, TellsEachOrigin) {
  const LoadedConfig loaded =
      load_fake({"--config.print", "--log.level=warn", "--collector.every.watch=a:comm=b"},
                "web:\n  max_requests: 7\ncollectors:\n  defaults: {interval: 9s}\nexternal_labels: {a: '5'}\n",
                {{"VITALSD_SHUTDOWN_TIMEOUT", "3s"}, {"STATE_DIRECTORY", "/var/lib/v"}});
  ASSERT_TRUE(loaded.faults.empty());
  EXPECT_EQ(loaded.printed, R"(# The effective configuration; file: c.yml
web:
  listen_address:  # default
    - ":9955"
  telemetry_path: /metrics  # default
  config_file: ""  # default
  max_requests: 7  # file:2
  max_connections: 512  # default
  header_timeout: 10s  # default
  probe_address: []  # default
  enable_lifecycle: false  # default
  systemd_socket: false  # default
paths:
  procfs: /proc  # default
  sysfs: /sys  # default
  rootfs: /  # default
  udev_data: /run/udev/data  # default
  cgroupfs: /sys/fs/cgroup  # default
  state: /var/lib/v  # default of $STATE_DIRECTORY
  pod_logs: /var/log/pods  # default
  container_logs: /var/log/containers  # default
log:
  level: warn  # flag --log.level
  format: logfmt  # default
external_labels:  # file:5
  a: "5"
shutdown:
  timeout: 3s  # env VITALSD_SHUTDOWN_TIMEOUT
  hold_for_scrape: 0s  # default
  push_url: ""  # default
exit_with_target: ""  # default
reports:
  history: 2m  # default
  keep: 20  # default
history:
  window: 15m  # default
  size: 4Mi  # default
  families: []  # default
publish:
  enabled: false  # default
  token_file: ""  # default
  max_size: 4Mi  # default
  max_series: 50000  # default
  ttl: 0s  # default
budget:
  cpu: "0"  # default
security:
  sandbox: auto  # default
rules:
  files: []  # default
  interval: 15s  # default
  labels: {}  # default
alertmanager:
  urls: []  # default
  username: ""  # default
  password_file: ""  # default
  bearer_token_file: ""  # default
  timeout: 5s  # default
  resend: 1m  # default
  generator_url: ""  # default
collectors:
  disable_defaults: false  # default
  defaults:
    interval: 9s  # file:4
    timeout: 2s  # default
    fresh: 1s  # default
  cpu:
    enabled: true  # default
    interval: 9s  # file:4
    timeout: 2s  # default
    fresh: 1s  # default
    info_flags_include: ""  # default
  every:
    enabled: true  # default
    interval: 9s  # file:4
    timeout: 2s  # default
    fresh: 1s  # default
    guest: true  # default
    label: none  # default
    include: ""  # default
    depth: 3  # default
    window: 1m  # default
    limit: 64Ki  # default
    units: []  # default
    watch:  # flag --collector.every.watch
      - name: a
        comm: b
  extra:
    enabled: false  # default
    interval: 9s  # file:4
    timeout: 2s  # default
    fresh: 1s  # default
)");
}

TEST(PrintConfig, IsEmptyWhenSomethingIsWrong) { EXPECT_EQ(load_fake({"--config.print"}, "x: 1").printed, ""); }

TEST(Help, ShowsEveryFlagOnceAndFits) {
  const std::string text = help(fake_collectors(), true);
  for (const char* line :
       {"--config.file=FILE ", "--[no-]web.enable-lifecycle ", "--web.listen-address=ADDR ",
        "--external-labels=NAME=VALUE ", "--collector.every.watch=NAME:FIELD=VALUE", "--[no-]collector.cpu ",
        "--collector.cpu.info-flags-include=REGEX", "--help ", "Off by default.", "One of debug, info, warn, error.\n",
        "(default :9955)", "--collector.defaults.interval=DURATION", "healthcheck [--url=URL]"}) {
    EXPECT_THAT(text, HasSubstr(line));
    EXPECT_EQ(text.find(line), text.rfind(line)) << line;
  }
  const Settings settings(fake_collectors());
  for (const Setting& setting : settings.all()) {
    if (setting.hidden || setting.inherits) continue;
    EXPECT_THAT(text, HasSubstr(setting.flag));
  }
  EXPECT_THAT(text, Not(HasSubstr("--reference")));
  EXPECT_THAT(text, Not(HasSubstr("--collector.cpu.interval")));
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    EXPECT_LE(text.find('\n', at) - at, 115U) << text.substr(at, 120);
  }
}

TEST(Help, IsShortUnlessAllIsWanted) {
  const std::string text = help(fake_collectors(), false);
  EXPECT_LT(std::ranges::count(text, '\n'), 50);
  EXPECT_THAT(text, HasSubstr("--help=all"));
  EXPECT_THAT(text, HasSubstr("--config.file=FILE "));
  EXPECT_THAT(text, Not(HasSubstr("--collector.cpu")));
  EXPECT_TRUE(load_fake({"--help=all"}).help_all);
  EXPECT_FALSE(load_fake({"--help"}).help_all);
}

TEST(CollectorsText, IsOneLineEach) {
  Config config;
  config.collectors["b_long_name"].enabled = true;
  config.collectors["a"].enabled = false;
  EXPECT_EQ(collectors_text(config), "a            off  \nb_long_name  on   \n");
}

TEST(Reference, HoldsEverySettingAndFamily) {
  const std::string text = reference(fake_collectors());
  for (const char* line :
       {"| `web.listen_address` | `--web.listen-address=ADDR` | `VITALSD_WEB_LISTEN_ADDRESS` | `:9955` | Where to "
        "listen:",
        "| `collectors.cpu.enabled` | `--collector.cpu` | `VITALSD_COLLECTOR_CPU` | `true` | CPU time. |",
        "| `collectors.every.watch` | `--collector.every.watch=NAME:FIELD=VALUE` | `VITALSD_COLLECTOR_EVERY_WATCH` |  "
        "| "
        "What to watch. `pid`: A process id. `comm`: The name of the process. |",
        "| `node_cpu_seconds_total` | counter | `cpu` | Seconds \\| spent. |", "### extra"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace vitalsd::conf
