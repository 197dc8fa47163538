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
