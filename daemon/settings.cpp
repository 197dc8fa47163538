#include "daemon/settings.h"

#include <algorithm>
#include <array>

#include "core/quantity.h"

namespace vitalsd::conf {
namespace {

using enum OptionType;
using Value = Options::Value;
using std::chrono::nanoseconds;

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kDay = 86'400'000 * kMillisecond;
constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 2> kFormats = {"logfmt", "json"};

nanoseconds span_of(const Value& value) { return parse_duration(value.text).value(); }
bool is_true(const Value& value) { return value.text == "true"; }

std::vector<std::pair<std::string, std::string>> labels(const Value& value) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const std::string& item : value.items) {
    const std::size_t equals = item.find('=');
    // To Prometheus an empty label is one that is not there.
    if (equals + 1 < item.size()) result.emplace_back(item.substr(0, equals), item.substr(equals + 1));
  }
  std::ranges::sort(result);
  return result;
}

struct Row {
  std::string_view path, flag;
  OptionType type;
  std::string_view default_value, help;
  std::string_view placeholder = {};
  Bounds bounds = {};
  std::span<const std::string_view> allowed = {};
  bool mapping = false;
  void (*store)(Config&, const Value&) = nullptr;
};

constexpr Row kGlobal[] = {
    {.path = "web.listen_address", .flag = "web.listen-address", .type = list, .default_value = ":9955",
     .help = "Where to listen: host:port, [v6]:port, :port or unix:/path.", .placeholder = "ADDR",
     .store = [](Config& c, const Value& v) { c.web.listen_addresses = v.items; }},
    {.path = "web.telemetry_path", .flag = "web.telemetry-path", .type = text, .default_value = "/metrics",
     .help = "The path of the metrics.", .placeholder = "PATH",
     .store = [](Config& c, const Value& v) { c.web.telemetry_path = v.text; }},
    {.path = "web.config_file", .flag = "web.config.file", .type = text, .default_value = "",
     .help = "TLS and passwords, in the exporter toolkit's format.", .placeholder = "FILE",
     .store = [](Config& c, const Value& v) { c.web.config_file = v.text; }},
    {.path = "web.max_requests", .flag = "web.max-requests", .type = integer, .default_value = "40",
     .help = "Scrapes answered at once; 0 is no limit.", .bounds = {0, 1'000'000},
     .store = [](Config& c, const Value& v) { c.web.max_requests = static_cast<unsigned>(std::stoul(v.text)); }},
    {.path = "web.probe_address", .flag = "web.probe-address", .type = list, .default_value = "",
     .help = "A second listener that serves the probes alone, without TLS or password.", .placeholder = "ADDR",
     .store = [](Config& c, const Value& v) { c.web.probe_addresses = v.items; }},
    {.path = "web.enable_lifecycle", .flag = "web.enable-lifecycle", .type = boolean, .default_value = "false",
     .help = "Reload on POST or PUT /-/reload.",
     .store = [](Config& c, const Value& v) { c.web.enable_lifecycle = is_true(v); }},
    {.path = "web.systemd_socket", .flag = "web.systemd-socket", .type = boolean, .default_value = "false",
     .help = "Take the listening sockets from systemd instead of opening them.",
     .store = [](Config& c, const Value& v) { c.web.systemd_socket = is_true(v); }},

    {.path = "paths.procfs", .flag = "path.procfs", .type = text, .default_value = "/proc",
     .help = "Where procfs is mounted.", .placeholder = "DIR",
     .store = [](Config& c, const Value& v) { c.paths.procfs = v.text; }},
    {.path = "paths.sysfs", .flag = "path.sysfs", .type = text, .default_value = "/sys",
     .help = "Where sysfs is mounted.", .placeholder = "DIR",
     .store = [](Config& c, const Value& v) { c.paths.sysfs = v.text; }},
    {.path = "paths.rootfs", .flag = "path.rootfs", .type = text, .default_value = "/",
     .help = "Where the host's root is mounted.", .placeholder = "DIR",
     .store = [](Config& c, const Value& v) { c.paths.rootfs = v.text; }},
    {.path = "paths.udev_data", .flag = "path.udev.data", .type = text, .default_value = "/run/udev/data",
     .help = "Where udev keeps its data.", .placeholder = "DIR",
     .store = [](Config& c, const Value& v) { c.paths.udev_data = v.text; }},
    {.path = "paths.cgroupfs", .flag = "path.cgroupfs", .type = text, .default_value = "/sys/fs/cgroup",
     .help = "Where the control groups are mounted.", .placeholder = "DIR",
     .store = [](Config& c, const Value& v) { c.paths.cgroupfs = v.text; }},
    {.path = "paths.state", .flag = "path.state", .type = text, .default_value = "",
     .help = "Where to keep what outlives a restart; $STATE_DIRECTORY when not given.", .placeholder = "DIR",
     .store = [](Config& c, const Value& v) { c.paths.state = v.text; }},

    {.path = "log.level", .flag = "log.level", .type = text, .default_value = "info",
     .help = "The least severe messages to log.", .placeholder = "LEVEL", .allowed = kLevels,
     .store = [](Config& c, const Value& v) { c.log.level = v.text; }},
    {.path = "log.format", .flag = "log.format", .type = text, .default_value = "logfmt",
     .help = "How log lines are written.", .placeholder = "FORMAT", .allowed = kFormats,
     .store = [](Config& c, const Value& v) { c.log.format = v.text; }},

    {.path = "external_labels", .flag = "external-labels", .type = list, .default_value = "",
     .help = "A label added to every series.", .placeholder = "NAME=VALUE", .mapping = true,
     .store = [](Config& c, const Value& v) { c.external_labels = labels(v); }},

    {.path = "shutdown.timeout", .flag = "shutdown.timeout", .type = duration, .default_value = "10s",
     .help = "How long a graceful end may take.", .bounds = {kMillisecond, kDay},
     .store = [](Config& c, const Value& v) { c.shutdown.timeout = span_of(v); }},
    {.path = "shutdown.hold_for_scrape", .flag = "shutdown.hold-for-scrape", .type = duration,
     .default_value = "0s", .help = "How long the end waits for one more scrape.", .bounds = {0, kDay},
     .store = [](Config& c, const Value& v) { c.shutdown.hold_for_scrape = span_of(v); }},

    {.path = "collectors.disable_defaults", .flag = "collector.disable-defaults", .type = boolean,
     .default_value = "false", .help = "Run only the collectors that are enabled by name."},
};

struct CommandRow {
  std::string_view flag, help;
  std::optional<Command> command = {};
  std::string_view placeholder = {};
  bool hidden = false;
};

constexpr CommandRow kCommands[] = {
    {.flag = "config.file", .help = "The configuration, YAML; everything has a default that works.", .placeholder = "FILE"},
    {.flag = "config.check", .help = "Validate the configuration, print each fault, exit 0 or 2.",
     .command = Command::check_config},
    {.flag = "config.print", .help = "Print the effective configuration with each value's origin.",
     .command = Command::print_config},
    {.flag = "once", .help = "Collect once, print the metrics, exit; 1 if an enabled collector failed.",
     .command = Command::once},
    {.flag = "collectors", .help = "List the collectors: name, on or off.", .command = Command::list_collectors},
    {.flag = "version", .help = "Print the version.", .command = Command::version},
    {.flag = "help", .help = "Print this help.", .command = Command::help},
    {.flag = "reference", .help = "Print the reference of settings and metrics as Markdown.",
     .command = Command::reference, .hidden = true},
    {.flag = "url", .help = "Of `vitalsd healthcheck`: what to ask instead of the configured address.",
     .placeholder = "URL", .hidden = true},
};

// What every collector's section has; its default is that of collectors.defaults.
struct CommonRow {
  std::string_view key;
  OptionType type;
  std::string_view default_value, help;
  Bounds bounds;
  void (*store)(CollectorConfig&, const Value&);
};

constexpr CommonRow kCommon[] = {
    {"interval", duration, "5s", "The time between two runs.", {100 * kMillisecond, kDay},
     [](CollectorConfig& c, const Value& v) { c.interval = span_of(v); }},
    {"timeout", duration, "2s", "The longest time one run may take.", {kMillisecond, kDay},
     [](CollectorConfig& c, const Value& v) { c.timeout = span_of(v); }},
    {"fresh", duration, "1s", "A scrape first runs what is older than this.", {0, kDay},
     [](CollectorConfig& c, const Value& v) { c.fresh = span_of(v); }},
};

bool same_name(std::string_view a, std::string_view b) noexcept {
  const auto fold = [](char c) { return c == '.' || c == '-' ? '_' : c; };
  return std::ranges::equal(a, b, {}, fold, fold);
}

std::string joined(std::string_view a, std::string_view b, std::string_view c) {
  std::string text(a);
  return text.append(b).append(".").append(c);
}

std::string dashed(std::string_view key) {
  std::string text(key);
  std::ranges::replace(text, '_', '-');
  return text;
}

constexpr std::array<std::string_view, 8> kPlaceholders = {"", "TEXT", "REGEX", "N", "DURATION", "SIZE", "TEXT",
                                                           "NAME:FIELD=VALUE"};

}  // namespace

Settings::Settings(std::span<const CollectorSpec> collectors) : collectors_(collectors) {
  std::size_t count = std::size(kCommands) + std::size(kGlobal) + std::size(kCommon);
  for (const CollectorSpec& spec : collectors) count += 1 + std::size(kCommon) + spec.options.size();
  settings_.reserve(count);
  for (const CommandRow& row : kCommands) {
    add({.flag = std::string(row.flag), .type = row.command ? boolean : text, .help = row.help,
         .placeholder = row.placeholder, .command = row.command, .hidden = row.hidden});
  }
  for (const Row& row : kGlobal) {
    add({.path = std::string(row.path), .flag = std::string(row.flag), .type = row.type,
         .default_value = row.default_value, .help = row.help, .placeholder = row.placeholder, .bounds = row.bounds,
         .allowed = row.allowed, .mapping = row.mapping, .store = row.store});
  }
  const std::size_t defaults = settings_.size();
  for (const CommonRow& row : kCommon) {
    add({.path = joined("collectors.", "defaults", row.key), .flag = joined("collector.", "defaults", row.key),
         .type = row.type, .default_value = row.default_value, .help = row.help, .bounds = row.bounds, .key = row.key});
  }
  for (const CollectorSpec& spec : collectors) {
    add({.path = joined("collectors.", spec.name, "enabled"), .flag = "collector." + std::string(spec.name),
         .type = boolean, .default_value = spec.enabled ? "true" : "false", .help = spec.help, .collector = &spec,
         .key = "enabled", .store_common = [](CollectorConfig& c, const Value& v) { c.enabled = is_true(v); }});
    for (std::size_t i = 0; i < std::size(kCommon); ++i) {
      const CommonRow& row = kCommon[i];
      add({.path = joined("collectors.", spec.name, row.key), .flag = joined("collector.", spec.name, row.key),
           .type = row.type, .help = row.help, .bounds = row.bounds, .collector = &spec, .key = row.key,
           .inherits = defaults + i, .store_common = row.store});
    }
    for (const OptionSpec& option : spec.options) {
      add({.path = joined("collectors.", spec.name, option.name),
           .flag = joined("collector.", spec.name, dashed(option.name)), .type = option.type,
           .default_value = option.default_value, .help = option.help, .fields = option.fields, .collector = &spec,
           .key = option.name, .option = &option});
    }
  }
}

void Settings::add(Setting setting) {
  setting.index = settings_.size();
  settings_.push_back(std::move(setting));
}

const Setting* Settings::by_path(std::string_view path) const noexcept {
  const auto found = std::ranges::find(settings_, path, &Setting::path);
  return found == settings_.end() || path.empty() ? nullptr : &*found;
}

const Setting* Settings::by_flag(std::string_view flag) const noexcept {
  for (const Setting& setting : settings_) {
    if (same_name(setting.flag, flag)) return &setting;
  }
  constexpr std::string_view kEnabled = ".enabled";
  if (flag.size() <= kEnabled.size() || !same_name(flag.substr(flag.size() - kEnabled.size()), kEnabled)) return nullptr;
  const Setting* setting = by_flag(flag.substr(0, flag.size() - kEnabled.size()));
  return setting != nullptr && setting->key == "enabled" && setting->option == nullptr ? setting : nullptr;
}

std::vector<std::string_view> Settings::keys_of(std::string_view section) const {
  std::vector<std::string_view> keys;
  for (const Setting& setting : settings_) {
    std::string_view path = setting.path;
    if (path.empty() || !path.starts_with(section)) continue;
    path.remove_prefix(section.size());
    if (!section.empty() && !path.starts_with('.')) continue;
    if (!section.empty()) path.remove_prefix(1);
    const std::string_view key = path.substr(0, path.find('.'));
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
  }
  return keys;
}

std::string variable_of(const Setting& setting) {
  std::string name = "VITALSD_" + setting.flag;
  for (char& c : name) {
    if (c == '.' || c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

std::string_view placeholder_of(const Setting& setting) {
  return setting.placeholder.empty() ? kPlaceholders[static_cast<std::size_t>(setting.type)] : setting.placeholder;
}

}  // namespace vitalsd::conf
