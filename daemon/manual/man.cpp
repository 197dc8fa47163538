// Writes the manual pages vitalsd(8) and vitalsd.yml(5) from the table of settings.
#include <array>
#include <utility>

#include "daemon/config/settings.h"
#include "daemon/manual/reference.h"
#include "daemon/manual/roff.h"
#include "daemon/service/version.h"

namespace vitalsd::conf {
namespace {

using Rows = std::span<const std::pair<std::string_view, std::string_view>>;

constexpr std::pair<std::string_view, std::string_view> kSignals[] = {
    {"SIGTERM, SIGINT",
     "End gracefully: report not ready, close the listeners, finish requests in flight. A second one ends at once."},
    {"SIGHUP",
     "Read the configuration anew, all or nothing: if it is faulty, the running one stays in force and the faults are "
     "logged. Collectors that did not change keep their state."},
};
constexpr std::pair<std::string_view, std::string_view> kStatus[] = {
    {"0", "After a graceful end, or when the command did what it was asked."},
    {"1", "When running failed, or what was asked about is not healthy."},
    {"2", "Usage or configuration; nothing was started."},
    {"128+N", "A second signal N cut the end short."},
};
constexpr std::pair<std::string_view, std::string_view> kFiles[] = {
    {"/etc/vitalsd/vitalsd.yml", "The configuration that the service reads; see vitalsd.yml(5)."},
    {"/var/lib/vitalsd", "The state that outlives a restart, if the service has a state directory."},
};
constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
    {"switch", "true or false."},
    {"text", "A string."},
    {"regex", "A regular expression of RE2, not anchored unless it says so."},
    {"integer", "A whole number."},
    {"duration", "As in Prometheus: 500ms, 1m30s, 2h."},
    {"size", "Bytes, with k, M, G (powers of 1000) or Ki, Mi, Gi (powers of 1024)."},
    {"list", "A sequence of strings, or a mapping if the key's text says so."},
    {"records", "A sequence of mappings, whose keys are listed."},
};

void title(Roff& page, std::string_view name, std::string_view section) {
  page.raw(".\\\" Made by vitalsd --reference; do not edit.");
  page.raw(".TH " + Roff::escaped(name) + " " + std::string(section) + " \"\" \"vitalsd " VITALSD_VERSION "\"");
  page.raw(".nh\n.ad l");
}

void entry(Roff& page, const std::string& term, std::string_view text) {
  page.raw(".TP\n" + term);
  page.text(text);
}

void table(Roff& page, Rows rows) {
  for (const auto& [term, text] : rows) entry(page, Roff::bold(term), text);
}

void rest_of_help(Roff& page, const Setting& setting) {
  std::string words;
  for (const std::string_view word : setting.allowed) words += (words.empty() ? "One of " : ", ") + std::string(word);
  if (!words.empty()) page.text(words + ".");
  const bool shown = setting.is_switch() ? setting.default_value == "true" : !setting.default_value.empty();
  if (shown) page.text("Default: " + std::string(setting.is_switch() ? "on" : setting.default_value) + ".");
  for (const RecordField& field : setting.fields) {
    page.raw(".br");
    page.raw(Roff::italic(field.name) + ": " + Roff::escaped(field.help));
  }
}

void option(Roff& page, const Setting& setting) {
  std::string term =
      Roff::bold("--" + std::string(setting.is_switch() && !setting.command ? "[no-]" : "") + setting.flag);
  if (!setting.is_switch()) term += Roff::bold("=") + Roff::italic(placeholder_of(setting));
  entry(page, term, setting.help);
  if (!setting.is_scalar()) page.text("Repeatable.");
  rest_of_help(page, setting);
}

// Settings that every collector has are listed once, under `defaults`.
bool is_shown(const Setting& setting) { return !setting.hidden && !setting.inherits; }

void key(Roff& page, const Setting& setting) {
  constexpr std::array<std::string_view, 8> kNames = {"switch",   "text", "regex", "integer",
                                                      "duration", "size", "list",  "records"};
  entry(page, Roff::bold(setting.path) + " (" + std::string(kNames[static_cast<std::size_t>(setting.type)]) + ")",
        setting.help);
  if (setting.mapping) page.text("A mapping.");
  rest_of_help(page, setting);
  page.raw(".br\n" + Roff::italic("--" + setting.flag) + ", " + Roff::italic(variable_of(setting)));
}

void section(Roff& page, const Settings& settings, const CollectorSpec* collector) {
  for (const Setting& setting : settings.all()) {
    if (setting.collector == collector && !setting.path.empty() && is_shown(setting)) key(page, setting);
  }
}

}  // namespace

std::string man_of_command(std::span<const CollectorSpec> collectors) {
  const Settings settings(collectors);
  Roff page;
  title(page, "vitalsd", "8");
  page.raw(".SH NAME\nvitalsd \\- monitoring daemon for Prometheus");
  page.raw(
      ".SH SYNOPSIS\n.B vitalsd\n.RI [ flags ]\n.br\n.B vitalsd healthcheck\n.RB [ \\-\\-url=\\c\n.IR URL ]\n.br\n"
      ".BI \"vitalsd \\-\\-migrate=\" EXPORTER\n.B \\-\\-\n.RI [ \"its flags\" ]");
  page.request("SH", "DESCRIPTION");
  page.text(
      "Collects the kernel's statistics of the host, of processes and of control groups, and serves them over HTTP for "
      "Prometheus, under the names that node_exporter, process-exporter and cAdvisor use.");
  page.text(
      "Everything has a default that works. Flags, environment and file say the same things: a flag beats the "
      "environment, which beats the file.");
  page.raw(".PP");
  page.text(
      "vitalsd healthcheck checks a running daemon, at its configured address or at the one that --url gives: exit "
      "status 0 when healthy, 1 when not.");
  page.request("SH", "OPTIONS");
  page.text("In flags the characters . - and _ are the same. A switch is turned off by no- before its name.");
  for (const Setting& setting : settings.all()) {
    if (setting.path.empty() && is_shown(setting)) option(page, setting);
  }
  for (const SettingGroup& group : setting_groups()) {
    page.request("SS", group.title);
    for (const Setting& setting : settings.all()) {
      if (!setting.path.empty() && setting.flag.starts_with(group.prefix) && is_shown(setting)) option(page, setting);
    }
  }
  page.raw(".PP");
  page.text(
      "--collector.defaults.* apply to all collectors; --collector.NAME.interval, .timeout and .fresh set the same for "
      "one collector.");
  page.request("SH", "SIGNALS");
  table(page, kSignals);
  page.request("SH", "EXIT STATUS");
  table(page, kStatus);
  page.request("SH", "ENVIRONMENT");
  page.text(
      "Each flag has a variable: VITALSD_ and the flag in upper case, with _ for . and -, such as "
      "VITALSD_WEB_LISTEN_ADDRESS. systemd's LISTEN_FDS, NOTIFY_SOCKET, STATE_DIRECTORY and JOURNAL_STREAM are "
      "understood.");
  page.request("SH", "FILES");
  table(page, kFiles);
  page.raw(".SH SEE ALSO\n.BR vitalsd.yml (5),\n.BR systemctl (1)");
  return page.take();
}

std::string man_of_file(std::span<const CollectorSpec> collectors) {
  const Settings settings(collectors);
  Roff page;
  title(page, "vitalsd.yml", "5");
  page.raw(".SH NAME\nvitalsd.yml \\- configuration of vitalsd");
  page.request("SH", "DESCRIPTION");
  page.text(
      "A YAML file, named by --config.file; the service reads /etc/vitalsd/vitalsd.yml. Every key is optional. A "
      "dot below stands for a mapping within a mapping. What flags or environment say beats what the file says.");
  page.text(
      "Strings expand ${NAME}, ${NAME:-default} and ${NAME:?why it is needed} from the environment; $$ is a "
      "dollar.");
  page.raw(".PP");
  page.text(
      "vitalsd --config.check --config.file=FILE prints each unknown key, wrong type or unit and missing required "
      "variable with its line and column, and starts nothing. vitalsd --config.print shows "
      "the effective configuration and where each value comes from.");
  page.request("SH", "TYPES");
  table(page, kTypes);
  page.request("SH", "KEYS");
  page.text("Each with its type, its default, and the flag and the variable that say the same.");
  section(page, settings, nullptr);
  page.request("SH", "COLLECTORS");
  page.text("Each also has interval, timeout and fresh, whose defaults are those of collectors.defaults.");
  for (const CollectorSpec& collector : collectors) {
    page.request("SS", collector.name);
    section(page, settings, &collector);
  }
  page.raw(".SH EXAMPLES\n.nf\n.RS 2");
  for (const std::string_view line : {"web: {listen_address: [\":9955\"]}", "collectors:", "  defaults: {interval: 5s}",
                                      "  entropy: {enabled: false}", "  targets:", "    watch:",
                                      "      - {name: nginx, comm: nginx}", "external_labels: {cluster: eu}"}) {
    page.text(line);
  }
  page.raw(".RE\n.fi\n.SH SEE ALSO\n.BR vitalsd (8)");
  return page.take();
}

}  // namespace vitalsd::conf
