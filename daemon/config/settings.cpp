#include "daemon/config/settings.h"

#include <algorithm>
#include <array>

#include "daemon/config/setting_rows.h"

namespace vitalsd::conf {
namespace {

// Spells a name of node_exporter as our flags are spelled: "priorityStats" becomes "priority-stats".
std::string without_capitals(std::string_view flag) {
  std::string text;
  for (const char c : flag) {
    if (c >= 'A' && c <= 'Z') {
      text += '-';
      text += static_cast<char>(c - 'A' + 'a');
    } else {
      text += c;
    }
  }
  return text;
}

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

constexpr std::array<std::string_view, 8> kPlaceholders = {"",         "TEXT", "REGEX", "N",
                                                           "DURATION", "SIZE", "TEXT",  "NAME:FIELD=VALUE"};

}  // namespace

Settings::Settings(std::span<const CollectorSpec> collectors) : collectors_(collectors) {
  std::size_t count = command_rows().size() + setting_rows().size() + common_rows().size();
  for (const CollectorSpec& spec : collectors) count += 1 + common_rows().size() + spec.options.size();
  settings_.reserve(count);
  for (const CommandRow& row : command_rows()) {
    add({.flag = std::string(row.flag),
         .type = row.command && row.placeholder.empty() ? OptionType::boolean : OptionType::text,
         .help = row.help,
         .placeholder = row.placeholder,
         .allowed = row.allowed,
         .command = row.command,
         .hidden = row.hidden});
  }
  for (const SettingRow& row : setting_rows()) {
    add({.path = std::string(row.path),
         .flag = std::string(row.flag),
         .type = row.type,
         .default_value = row.default_value,
         .help = row.help,
         .placeholder = row.placeholder,
         .bounds = row.bounds,
         .allowed = row.allowed,
         .mapping = row.mapping,
         .url = row.url,
         .store = row.store});
  }
  const std::size_t defaults = settings_.size();
  for (const CommonRow& row : common_rows()) {
    add({.path = joined("collectors.", "defaults", row.key),
         .flag = joined("collector.", "defaults", row.key),
         .type = row.type,
         .default_value = row.default_value,
         .help = row.help,
         .bounds = row.bounds,
         .key = row.key});
  }
  for (const CollectorSpec& spec : collectors) {
    add({.path = joined("collectors.", spec.name, "enabled"),
         .flag = "collector." + std::string(spec.name),
         .type = OptionType::boolean,
         .default_value = spec.enabled ? "true" : "false",
         .help = spec.help,
         .collector = &spec,
         .key = "enabled",
         .store_common = [](CollectorConfig& c, const Options::Value& v) { c.enabled = v.text == "true"; }});
    for (std::size_t i = 0; i < common_rows().size(); ++i) {
      const CommonRow& row = common_rows()[i];
      add({.path = joined("collectors.", spec.name, row.key),
           .flag = joined("collector.", spec.name, row.key),
           .type = row.type,
           .help = row.help,
           .bounds = row.bounds,
           .collector = &spec,
           .key = row.key,
           .inherits = defaults + i,
           .store_common = row.store});
    }
    for (const OptionSpec& option : spec.options) {
      add({.path = joined("collectors.", spec.name, option.name),
           .flag = joined("collector.", spec.name, dashed(option.name)),
           .type = option.type,
           .default_value = option.default_value,
           .help = option.help,
           .fields = option.fields,
           .collector = &spec,
           .key = option.name,
           .option = &option});
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
  if (const std::string spelled = without_capitals(flag); spelled != flag) return by_flag(spelled);
  constexpr std::string_view kEnabled = ".enabled";
  if (flag.size() <= kEnabled.size() || !same_name(flag.substr(flag.size() - kEnabled.size()), kEnabled))
    return nullptr;
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
