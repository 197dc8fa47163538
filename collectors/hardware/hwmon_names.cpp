#include "collectors/hardware/hwmon_names.h"

#include <algorithm>
#include <array>
#include <vector>

namespace vitalsd::hwmon {
namespace {

constexpr std::array<std::string_view, 14> kTypes = {
    "vrm",  "beep_enable", "update_interval", "in",     "cpu",      "fan",       "pwm",
    "temp", "curr",        "power",           "energy", "humidity", "intrusion", "freq"};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<SensorFile> split(std::string_view name) {
  const auto digits = std::ranges::find_if(name, is_digit);
  if (digits == name.end()) {
    // Without a number the whole name is the type, such as "update_interval".
    if (std::ranges::find(kTypes, name) == kTypes.end()) return std::nullopt;
    return SensorFile{name, std::string(name) + "0", {}};
  }
  const auto type = name.substr(0, static_cast<std::size_t>(digits - name.begin()));
  if (std::ranges::find(kTypes, type) == kTypes.end()) return std::nullopt;
  std::string_view rest = name.substr(type.size());
  const std::size_t end = std::min(rest.find_first_not_of("0123456789"), rest.size());
  const std::string_view number = rest.substr(0, end);
  rest.remove_prefix(end);
  if (number.size() > 9 || (!rest.empty() && (rest.front() != '_' || rest.size() == 1))) return std::nullopt;
  return SensorFile{type, std::string(type) + std::to_string(std::stoi(std::string(number))),
                    rest.empty() ? rest : rest.substr(1)};
}

std::string clean(std::string_view name) {
  std::string cleaned;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool plain = (c >= 'a' && c <= 'z') || is_digit(c) || c == ':' || c == '_';
    cleaned += plain ? c : '_';
  }
  const std::size_t begin = cleaned.find_first_not_of('_');
  if (begin == std::string::npos) return {};
  return cleaned.substr(begin, cleaned.find_last_not_of('_') - begin + 1);
}

std::string name_of_device(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return clean(path);
  const std::string device = clean(path.substr(slash + 1));
  const std::string_view above = path.substr(0, slash);
  const std::string bus = clean(above.substr(above.rfind('/') + 1));
  if (bus.empty() || device.empty()) return device;
  return bus + "_" + device;
}

std::string resolve(std::string_view from, std::string_view link) {
  std::vector<std::string_view> parts;
  const auto walk = [&](std::string_view path) {
    while (!path.empty()) {
      const std::size_t end = std::min(path.find('/'), path.size());
      const std::string_view part = path.substr(0, end);
      path.remove_prefix(std::min(end + 1, path.size()));
      if (part.empty() || part == ".") continue;
      if (part != "..")
        parts.push_back(part);
      else if (!parts.empty())
        parts.pop_back();
    }
  };
  walk(from);
  walk(link);
  std::string path;
  for (const std::string_view part : parts) path.append(path.empty() ? "" : "/").append(part);
  return path;
}

}  // namespace vitalsd::hwmon
