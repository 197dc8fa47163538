#include "daemon/config/rule_rows.h"

#include <algorithm>

#include "core/quantity.h"

namespace vitalsd::conf {
namespace {

using enum OptionType;
using Value = Options::Value;

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kDay = 86'400'000 * kMillisecond;

std::chrono::nanoseconds span_of(const Value& value) { return parse_duration(value.text).value(); }

constexpr SettingRow kRows[] = {
    {.path = "rules.files",
     .flag = "rules.files",
     .type = list,
     .default_value = "",
     .help = "Files of alerts and recorded expressions in Prometheus' shape, evaluated over what this daemon collects; "
             "see /api/v1/rules, /api/v1/alerts and the families ALERTS and vitalsd_rule_*.",
     .placeholder = "FILE",
     .store = [](Config& c, const Value& v) { c.rules.files = v.items; }},
    {.path = "rules.interval",
     .flag = "rules.interval",
     .type = duration,
     .default_value = "15s",
     .help = "How often the rules of groups that name no interval are evaluated.",
     .bounds = {1000 * kMillisecond, kDay},
     .store = [](Config& c, const Value& v) { c.rules.interval = span_of(v); }},
    {.path = "rules.labels",
     .flag = "rules.labels",
     .type = list,
     .default_value = "",
     .help =
         "A label that every series has in the rules' expressions, as a scrape would add job and instance: so rules "
         "written for a Prometheus fit as they are.",
     .placeholder = "NAME=VALUE",
     .mapping = true,
     .store = [](Config& c, const Value& v) { c.rules.labels = labels_of(v); }},

    {.path = "alertmanager.urls",
     .flag = "alertmanager.urls",
     .type = list,
     .default_value = "",
     .help = "Alertmanagers that the rules' alerts are sent to, with the external labels: http://HOST:PORT or "
             "https://HOST:PORT, and a path if it has one.",
     .placeholder = "URL",
     .url = true,
     .store = [](Config& c, const Value& v) { c.alertmanager.urls = v.items; }},
    {.path = "alertmanager.username",
     .flag = "alertmanager.username",
     .type = text,
     .default_value = "",
     .help = "The user that Alertmanagers are shown, with the password in alertmanager.password_file.",
     .placeholder = "NAME",
     .store = [](Config& c, const Value& v) { c.alertmanager.username = v.text; }},
    {.path = "alertmanager.password_file",
     .flag = "alertmanager.password-file",
     .type = text,
     .default_value = "",
     .help = "A file with the password, read anew for each request.",
     .placeholder = "FILE",
     .store = [](Config& c, const Value& v) { c.alertmanager.password_file = v.text; }},
    {.path = "alertmanager.bearer_token_file",
     .flag = "alertmanager.bearer-token-file",
     .type = text,
     .default_value = "",
     .help = "A file with a bearer's token instead, read anew for each request.",
     .placeholder = "FILE",
     .store = [](Config& c, const Value& v) { c.alertmanager.bearer_token_file = v.text; }},
    {.path = "alertmanager.timeout",
     .flag = "alertmanager.timeout",
     .type = duration,
     .default_value = "5s",
     .help = "How long one request to an Alertmanager may take.",
     .bounds = {100 * kMillisecond, 3600 * 1000 * kMillisecond},
     .store = [](Config& c, const Value& v) { c.alertmanager.timeout = span_of(v); }},
    {.path = "alertmanager.resend",
     .flag = "alertmanager.resend",
     .type = duration,
     .default_value = "1m",
     .help = "How often an alert that goes on is sent again.",
     .bounds = {1000 * kMillisecond, kDay},
     .store = [](Config& c, const Value& v) { c.alertmanager.resend = span_of(v); }},
    {.path = "alertmanager.generator_url",
     .flag = "alertmanager.generator-url",
     .type = text,
     .default_value = "",
     .help = "The link that Alertmanagers show with each alert, such as this daemon's own page.",
     .placeholder = "URL",
     .store = [](Config& c, const Value& v) { c.alertmanager.generator_url = v.text; }},
};

}  // namespace

std::span<const SettingRow> rule_setting_rows() { return kRows; }

std::vector<std::pair<std::string, std::string>> labels_of(const Options::Value& value) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const std::string& item : value.items) {
    const std::size_t equals = item.find('=');
    if (equals + 1 < item.size()) result.emplace_back(item.substr(0, equals), item.substr(equals + 1));
  }
  std::ranges::sort(result);
  return result;
}

}  // namespace vitalsd::conf
