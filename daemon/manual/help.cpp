// Writes the output of --help and --collectors from the table of settings.
#include <algorithm>
#include <vector>

#include "daemon/config/loader.h"
#include "daemon/config/settings.h"

namespace vitalsd {
namespace conf {
namespace {

constexpr std::size_t kColumn = 40;
constexpr std::size_t kWidth = 110;
constexpr std::string_view kUsage =
    "usage: vitalsd [flags]\n       vitalsd healthcheck [--url=URL]   exit 0 when healthy, 1 when not\n\n";

constexpr SettingGroup kGroups[] = {{"Where to serve", "web."},
                                    {"Where to look", "path."},
                                    {"Logs", "log."},
                                    {"Series", "external-labels"},
                                    {"The end", "shutdown."},
                                    {"The end of a target", "exit-with-target"},
                                    {"Reports of incidents", "reports."},
                                    {"History", "history."},
                                    {"Its own cost", "budget."},
                                    {"What jobs push", "publish."},
                                    {"Rules", "rules."},
                                    {"Alertmanagers", "alertmanager."},
                                    {"Security", "security."},
                                    {"Collectors", "collector."}};

// What a first look is for, in this order.
constexpr std::string_view kFirst[] = {"config.file",
                                       "web.listen-address",
                                       "web.config.file",
                                       "collector.disable-defaults",
                                       "collector.defaults.interval",
                                       "collector.targets.watch",
                                       "path.rootfs",
                                       "path.state",
                                       "rules.files",
                                       "budget.cpu",
                                       "log.level",
                                       "config.check",
                                       "config.print",
                                       "once",
                                       "collectors",
                                       "migrate",
                                       "version"};

void put_entry(std::string& out, const std::string& left, std::string_view help) {
  out += "  " + left;
  std::size_t column = left.size() + 2;
  if (column + 1 >= kColumn) {
    out += '\n';
    column = 0;
  }
  out.append(kColumn - column, ' ');
  column = kColumn;
  while (!help.empty()) {
    const std::string_view word = help.substr(0, help.find(' '));
    if (column > kColumn && column + 1 + word.size() > kWidth) {
      out.append("\n").append(kColumn, ' ');
      column = kColumn;
    }
    if (column > kColumn) out += ' ';
    out += word;
    column += word.size() + 1;
    help.remove_prefix(std::min(word.size() + 1, help.size()));
  }
  out += '\n';
}

void put_setting(std::string& out, const Setting& setting) {
  std::string left = "--";
  if (setting.is_switch()) {
    left += setting.command ? setting.flag : "[no-]" + setting.flag;
  } else {
    left += setting.flag + "=" + std::string(placeholder_of(setting));
  }
  std::string help(setting.help);
  for (const std::string_view word : setting.allowed) {
    help.append(word == setting.allowed.front() ? " One of " : ", ").append(word);
  }
  if (!setting.allowed.empty()) help += ".";
  if (!setting.is_scalar()) help += " Repeatable.";
  const bool shown = setting.is_switch() ? setting.default_value == "true" : !setting.default_value.empty();
  if (shown) help += " (default " + (setting.is_switch() ? "on" : std::string(setting.default_value)) + ")";
  put_entry(out, left, help);
}

// Settings that every collector has are listed once, under `defaults`.
bool is_shown(const Setting& setting) { return !setting.hidden && !setting.inherits; }

}  // namespace

std::span<const SettingGroup> setting_groups() { return kGroups; }

namespace {

std::string short_help(const Settings& settings) {
  std::string out(kUsage);
  for (const std::string_view name : kFirst) {
    if (const Setting* setting = settings.by_flag(name)) put_setting(out, *setting);
  }
  put_entry(out, "--[no-]collector.NAME", "Switch one collector; --collectors lists them.");
  return out += "\n--help=all lists all flags, and so does the manual page vitalsd(8).\n";
}

}  // namespace

std::string help(std::span<const CollectorSpec> collectors, bool all) {
  const Settings settings(collectors);
  if (!all) return short_help(settings);
  std::string out(kUsage);
  const auto begins = [](const Setting& setting, const SettingGroup& group) {
    return setting.flag.starts_with(group.prefix);
  };
  out += "General\n";
  for (const Setting& setting : settings.all()) {
    if (setting.path.empty() && is_shown(setting)) put_setting(out, setting);
  }
  for (const SettingGroup& group : kGroups) {
    out.append("\n").append(group.title).append("\n");
    for (const Setting& setting : settings.all()) {
      if (!setting.path.empty() && begins(setting, group) && is_shown(setting)) put_setting(out, setting);
    }
  }
  out +=
      "\n--collector.defaults.* apply to all collectors; --collector.NAME.interval, .timeout and .fresh to one.\n"
      "Each flag can be given in the environment: --web.listen-address is VITALSD_WEB_LISTEN_ADDRESS.\n"
      "A flag beats the environment, which beats the file.\n";
  return out;
}

}  // namespace conf

std::string help_text(bool all) { return conf::help(registered_collectors(), all); }

std::string collectors_text(const Config& config) {
  std::size_t width = 0;
  for (const auto& [name, collector] : config.collectors) width = std::max(width, name.size());
  std::string out;
  for (const auto& [name, collector] : config.collectors) {
    const CollectorSpec* spec = find_collector(name);
    out.append(name).append(width - name.size() + 2, ' ').append(collector.enabled ? "on   " : "off  ");
    out.append(spec == nullptr ? "" : spec->help).append("\n");
  }
  return out;
}

}  // namespace vitalsd
