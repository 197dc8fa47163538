#include "daemon/config/setting_rows.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/quantity.h"
#include "daemon/config/rule_rows.h"

namespace vitalsd::conf {
namespace {

using enum OptionType;
using Value = Options::Value;
using std::chrono::nanoseconds;

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kDay = 86'400'000 * kMillisecond;
constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 2> kFormats = {"logfmt", "json"};
constexpr std::array<std::string_view, 2> kSandbox = {"auto", "off"};
constexpr std::array<std::string_view, 2> kExporters = {"node_exporter", "process-exporter"};
constexpr std::array<std::string_view, 5> kReferences = {"markdown", "man8", "man5", "bash", "zsh"};

nanoseconds span_of(const Value& value) { return parse_duration(value.text).value(); }
bool is_true(const Value& value) { return value.text == "true"; }

constexpr SettingRow kGlobal[] = {
    {.path = "web.listen_address",
     .flag = "web.listen-address",
     .type = list,
     .default_value = ":9955",
     .help = "Where to listen: host:port, [v6]:port, :port or unix:/path.",
     .placeholder = "ADDR",
     .store = [](Config& c, const Value& v) { c.web.listen_addresses = v.items; }},
    {.path = "web.telemetry_path",
     .flag = "web.telemetry-path",
     .type = text,
     .default_value = "/metrics",
     .help = "The path of the metrics.",
     .placeholder = "PATH",
     .store = [](Config& c, const Value& v) { c.web.telemetry_path = v.text; }},
    {.path = "web.config_file",
     .flag = "web.config.file",
     .type = text,
     .default_value = "",
     .help = "TLS and passwords, in the exporter toolkit's format.",
     .placeholder = "FILE",
     .store = [](Config& c, const Value& v) { c.web.config_file = v.text; }},
    {.path = "web.max_requests",
     .flag = "web.max-requests",
     .type = integer,
     .default_value = "40",
     .help = "Scrapes answered at the same time; 0 is no limit.",
     .bounds = {0, 1'000'000},
     .store = [](Config& c, const Value& v) { c.web.max_requests = static_cast<unsigned>(std::stoul(v.text)); }},
    {.path = "web.max_connections",
     .flag = "web.max-connections",
     .type = integer,
     .default_value = "512",
     .help = "Connections of each listener; beyond that, the slowest is closed for a new one.",
     .bounds = {1, 65'536},
     .store = [](Config& c, const Value& v) { c.web.max_connections = std::stoul(v.text); }},
    {.path = "web.header_timeout",
     .flag = "web.header-timeout",
     .type = duration,
     .default_value = "10s",
     .help = "How long a request's head may take to arrive; at most 2s once half of the connections are in use.",
     .bounds = {100 * kMillisecond, 3600 * 1000 * kMillisecond},
     .store = [](Config& c, const Value& v) { c.web.header_timeout = span_of(v); }},
    {.path = "web.probe_address",
     .flag = "web.probe-address",
     .type = list,
     .default_value = "",
     .help = "A second listener that serves only the probes, without TLS or password.",
     .placeholder = "ADDR",
     .store = [](Config& c, const Value& v) { c.web.probe_addresses = v.items; }},
    {.path = "web.enable_lifecycle",
     .flag = "web.enable-lifecycle",
     .type = boolean,
     .default_value = "false",
     .help = "Reload on POST or PUT /-/reload.",
     .store = [](Config& c, const Value& v) { c.web.enable_lifecycle = is_true(v); }},
    {.path = "web.systemd_socket",
     .flag = "web.systemd-socket",
     .type = boolean,
     .default_value = "false",
     .help = "Do not start without sockets from systemd; those that it passes are used in any case.",
     .store = [](Config& c, const Value& v) { c.web.systemd_socket = is_true(v); }},

    {.path = "paths.procfs",
     .flag = "path.procfs",
     .type = text,
     .default_value = "/proc",
     .help = "Where procfs is mounted.",
     .placeholder = "DIR",
     .store = [](Config& c, const Value& v) { c.paths.procfs = v.text; }},
    {.path = "paths.sysfs",
     .flag = "path.sysfs",
     .type = text,
     .default_value = "/sys",
     .help = "Where sysfs is mounted.",
     .placeholder = "DIR",
     .store = [](Config& c, const Value& v) { c.paths.sysfs = v.text; }},
    {.path = "paths.rootfs",
     .flag = "path.rootfs",
     .type = text,
     .default_value = "/",
     .help = "Where the host's root is mounted.",
     .placeholder = "DIR",
     .store = [](Config& c, const Value& v) { c.paths.rootfs = v.text; }},
    {.path = "paths.udev_data",
     .flag = "path.udev.data",
     .type = text,
     .default_value = "/run/udev/data",
     .help = "Where udev keeps its data.",
     .placeholder = "DIR",
     .store = [](Config& c, const Value& v) { c.paths.udev_data = v.text; }},
    {.path = "paths.cgroupfs",
     .flag = "path.cgroupfs",
     .type = text,
     .default_value = "/sys/fs/cgroup",
     .help = "Where the control groups are mounted.",
     .placeholder = "DIR",
     .store = [](Config& c, const Value& v) { c.paths.cgroupfs = v.text; }},
    {.path = "paths.state",
     .flag = "path.state",
     .type = text,
     .default_value = "",
     .help = "Where to keep the state that outlives a restart; $STATE_DIRECTORY when not given.",
     .placeholder = "DIR",
     .store = [](Config& c, const Value& v) { c.paths.state = v.text; }},

    {.path = "log.level",
     .flag = "log.level",
     .type = text,
     .default_value = "info",
     .help = "The least severe level to log.",
     .placeholder = "LEVEL",
     .allowed = kLevels,
     .store = [](Config& c, const Value& v) { c.log.level = v.text; }},
    {.path = "log.format",
     .flag = "log.format",
     .type = text,
     .default_value = "logfmt",
     .help = "How log lines are written.",
     .placeholder = "FORMAT",
     .allowed = kFormats,
     .store = [](Config& c, const Value& v) { c.log.format = v.text; }},

    {.path = "external_labels",
     .flag = "external-labels",
     .type = list,
     .default_value = "",
     .help = "A label added to every series.",
     .placeholder = "NAME=VALUE",
     .mapping = true,
     .store = [](Config& c, const Value& v) { c.external_labels = labels_of(v); }},

    {.path = "shutdown.timeout",
     .flag = "shutdown.timeout",
     .type = duration,
     .default_value = "10s",
     .help = "How long a graceful end may take.",
     .bounds = {kMillisecond, kDay},
     .store = [](Config& c, const Value& v) { c.shutdown.timeout = span_of(v); }},
    {.path = "shutdown.hold_for_scrape",
     .flag = "shutdown.hold-for-scrape",
     .type = duration,
     .default_value = "0s",
     .help = "How long the end waits for one more scrape.",
     .bounds = {0, kDay},
     .store = [](Config& c, const Value& v) { c.shutdown.hold_for_scrape = span_of(v); }},
    {.path = "shutdown.push_url",
     .flag = "shutdown.push-url",
     .type = text,
     .default_value = "",
     .help = "A Pushgateway to push the last state to at the end: http://HOST:PORT, or the whole path with job "
             "and labels.",
     .placeholder = "URL",
     .url = true,
     .store = [](Config& c, const Value& v) { c.shutdown.push_url = v.text; }},
    {.path = "exit_with_target",
     .flag = "exit-with-target",
     .type = text,
     .default_value = "",
     .help = "End gracefully, with status 0, once this target of collectors.targets.watch has ended.",
     .placeholder = "NAME",
     .store = [](Config& c, const Value& v) { c.exit_with_target = v.text; }},

    {.path = "reports.history",
     .flag = "reports.history",
     .type = duration,
     .default_value = "2m",
     .help = "How far back the report of an incident reaches; 0 keeps no history.",
     .bounds = {0, kDay},
     .store = [](Config& c, const Value& v) { c.reports.history = span_of(v); }},
    {.path = "reports.keep",
     .flag = "reports.keep",
     .type = integer,
     .default_value = "20",
     .help = "How many reports are kept, in the state directory or in memory; 0 makes none.",
     .bounds = {0, 1000},
     .store = [](Config& c, const Value& v) { c.reports.keep = std::stoul(v.text); }},

    {.path = "history.window",
     .flag = "history.window",
     .type = duration,
     .default_value = "15m",
     .help = "How far back the daemon remembers what matters most of what it collected, see /api/v1/history; 0: no "
             "further than reports reach.",
     .bounds = {0, kDay},
     .store = [](Config& c, const Value& v) { c.history.window = span_of(v); }},
    {.path = "history.size",
     .flag = "history.size",
     .type = size,
     .default_value = "4Mi",
     .help = "How many bytes of memory that may take; where they do not suffice the oldest goes.",
     .bounds = {64 * 1024, 1 << 30},
     .store = [](Config& c, const Value& v) { c.history.size = parse_size(v.text).value_or(0); }},
    {.path = "history.families",
     .flag = "history.families",
     .type = list,
     .default_value = "",
     .help = "Families to remember besides those that collectors name themselves; a * at the end stands for any "
             "ending.",
     .placeholder = "NAME",
     .store = [](Config& c, const Value& v) { c.history.families = v.items; }},
    {.path = "publish.enabled",
     .flag = "publish.enabled",
     .type = boolean,
     .default_value = "false",
     .help =
         "Take what jobs push, as a Pushgateway does: PUT, POST and DELETE of /metrics/job/JOB{/LABEL/VALUE}, or of "
         "/api/v1/publish/JOB{/LABEL/VALUE}. It is kept in the state directory, or without one in memory.",
     .store = [](Config& c, const Value& v) { c.publish.enabled = is_true(v); }},
    {.path = "publish.token_file",
     .flag = "publish.token-file",
     .type = text,
     .default_value = "",
     .help =
         "A file with the token that pushes must show, as a bearer's or as the password of any user; without it the "
         "users of web.config_file may push.",
     .placeholder = "FILE",
     .store = [](Config& c, const Value& v) { c.publish.token_file = v.text; }},
    {.path = "publish.max_size",
     .flag = "publish.max-size",
     .type = size,
     .default_value = "4Mi",
     .help = "The most bytes of one push, also once they are decompressed.",
     .store = [](Config& c, const Value& v) { c.publish.max_size = parse_size(v.text).value(); }},
    {.path = "publish.max_series",
     .flag = "publish.max-series",
     .type = integer,
     .default_value = "50000",
     .help = "The most series of all pushes together.",
     .bounds = {1, 10'000'000},
     .store = [](Config& c, const Value& v) { c.publish.max_series = std::stoul(v.text); }},
    {.path = "publish.ttl",
     .flag = "publish.ttl",
     .type = duration,
     .default_value = "0s",
     .help = "How long what was pushed is shown, where the push itself does not say so by ?ttl= or X-Vitalsd-TTL; 0 is "
             "for ever.",
     .bounds = {0, 3650 * kDay},
     .store = [](Config& c, const Value& v) { c.publish.ttl = span_of(v); }},

    {.path = "budget.cpu",
     .flag = "budget.cpu",
     .type = text,
     .default_value = "0",
     .help = "How much of a core the daemon may use in the long run, such as 20m or 0.02: above it the collectors that "
             "cost most run less often, below it they get their pace back; 0 is no limit.",
     .placeholder = "CORES",
     .store = [](Config& c, const Value& v) { c.budget.cpu = parse_cores(v.text).value_or(0); }},

    {.path = "security.sandbox",
     .flag = "security.sandbox",
     .type = text,
     .default_value = "auto",
     .help = "Once the sockets are open, give up for good what no enabled collector needs: gain no privileges, "
             "drop unneeded capabilities, refuse system calls that the daemon never makes (seccomp), and write "
             "files only in the state directory and those of Unix sockets, and to arm pressure triggers "
             "(Landlock, left out if a collector reads other processes). vitalsd_sandbox_info shows what is in "
             "force; the log says which changes of a reload take a restart.",
     .placeholder = "MODE",
     .allowed = kSandbox,
     .store = [](Config& c, const Value& v) { c.security.sandbox = v.text; }},

    {.path = "collectors.disable_defaults",
     .flag = "collector.disable-defaults",
     .type = boolean,
     .default_value = "false",
     .help = "Run only the collectors that are enabled by name."},
};

constexpr CommandRow kCommands[] = {
    {.flag = "config.file",
     .help = "The configuration file, YAML; every setting has a default that works.",
     .placeholder = "FILE"},
    {.flag = "config.check",
     .help = "Validate the configuration, print each fault, exit 0 or 2.",
     .command = Command::check_config},
    {.flag = "config.print",
     .help = "Print the effective configuration with each value's origin.",
     .command = Command::print_config},
    {.flag = "once",
     .help = "Collect once, print the metrics, exit; 1 if an enabled collector failed.",
     .command = Command::once},
    {.flag = "collectors", .help = "List the collectors: name, on or off.", .command = Command::list_collectors},
    {.flag = "migrate",
     .help = "Print the configuration that equals another exporter's flags, given after --.",
     .command = Command::migrate,
     .placeholder = "EXPORTER",
     .allowed = kExporters},
    {.flag = "version", .help = "Print the version.", .command = Command::version},
    {.flag = "help", .help = "Print this help.", .command = Command::help},
    {.flag = "reference",
     .help = "Print the reference of settings and metrics.",
     .command = Command::reference,
     .hidden = true},
    {.flag = "reference.format",
     .help = "What --reference prints: Markdown, a manual page, or a shell's completion.",
     .placeholder = "FORMAT",
     .hidden = true,
     .allowed = kReferences},
    {.flag = "url",
     .help = "The URL that `vitalsd healthcheck` checks instead of the configured address.",
     .placeholder = "URL",
     .hidden = true},
};

constexpr CommonRow kCommon[] = {
    {"interval",
     duration,
     "5s",
     "The time between two runs.",
     {100 * kMillisecond, kDay},
     [](CollectorConfig& c, const Value& v) { c.interval = span_of(v); }},
    {"timeout",
     duration,
     "2s",
     "The longest time one run may take.",
     {kMillisecond, kDay},
     [](CollectorConfig& c, const Value& v) { c.timeout = span_of(v); }},
    {"fresh",
     duration,
     "1s",
     "A scrape first runs collectors whose samples are older than this.",
     {0, kDay},
     [](CollectorConfig& c, const Value& v) { c.fresh = span_of(v); }},
};

}  // namespace

std::span<const SettingRow> setting_rows() {
  static const std::vector<SettingRow> kAll = [] {
    std::vector<SettingRow> all(std::begin(kGlobal), std::end(kGlobal));
    const auto rules = rule_setting_rows();
    all.insert(all.end() - 1, rules.begin(), rules.end());  // before the collectors
    return all;
  }();
  return kAll;
}
std::span<const CommandRow> command_rows() { return kCommands; }
std::span<const CommonRow> common_rows() { return kCommon; }

}  // namespace vitalsd::conf
