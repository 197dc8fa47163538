#include "daemon/config/environment.h"

#include <algorithm>
#include <array>

#include "daemon/config/suggest.h"
#include "daemon/config/value.h"

namespace vitalsd::conf {
namespace {

constexpr std::string_view kPrefix = "VITALSD_";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// Empty when the variable has lower-case letters, which no variable of ours has.
std::string flag_of(std::string_view variable) {
  std::string flag(variable.substr(kPrefix.size()));
  for (char& c : flag) {
    if (c >= 'a' && c <= 'z') return {};
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return flag;
}

void put_items(const Setting& setting, std::string_view text, const Origin& origin, Assigned& to, Faults& faults) {
  const char otherwise = setting.type == OptionType::records ? ';' : ',';
  const char separator = text.find('\n') != std::string_view::npos ? '\n' : otherwise;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view item = trimmed(text.substr(0, end));
    if (!item.empty()) put_spelled(setting, item, origin, to, faults);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string suggest(std::string_view variable, const Settings& settings) {
  std::vector<std::string> names;
  for (const Setting& setting : settings.all()) {
    if (!setting.hidden) names.push_back(variable_of(setting));
  }
  return suggestion(variable, {names.begin(), names.end()});
}

}  // namespace

bool is_service_link(std::string_view name, std::string_view value) {
  constexpr std::array<std::string_view, 3> kProtocols = {"tcp", "udp", "sctp"};
  const auto is_link = [&](std::string_view text) {
    return std::ranges::any_of(kProtocols,
                               [text](std::string_view p) { return text.starts_with(std::string(p) + "://"); });
  };
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size() - 1);
  // _SERVICE_HOST, _SERVICE_PORT, _SERVICE_PORT_HTTP; _PORT=tcp://...; _PORT_9955_TCP, _PORT_9955_TCP_ADDR ...
  if (name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT")) return true;
  if (name.find("_SERVICE_PORT_") != std::string_view::npos) return true;
  if (name.ends_with("_PORT") && is_link(value)) return true;
  for (std::size_t at = name.find("_PORT_"); at != std::string_view::npos; at = name.find("_PORT_", at + 1)) {
    std::string_view rest = name.substr(at + 6);
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    rest.remove_prefix(digits);
    for (const std::string_view protocol : {"_TCP", "_UDP", "_SCTP"}) {
      if (digits == 0 || !rest.starts_with(protocol)) continue;
      const std::string_view part = rest.substr(protocol.size());
      if (part.empty() || part == "_PROTO" || part == "_PORT" || part == "_ADDR") return true;
    }
  }
  return false;
}

Assignments read_environment(const Environment& environment, const Settings& settings, Faults& faults) {
  Assignments assigned;
  for (auto at = environment.lower_bound(kPrefix); at != environment.end() && at->first.starts_with(kPrefix); ++at) {
    const auto& [name, value] = *at;
    const Origin origin{Origin::Layer::environment, name};
    const std::string flag = flag_of(name);
    const Setting* setting = flag.empty() ? nullptr : settings.by_flag(flag);
    if (setting == nullptr) {
      if (is_service_link(name, value)) continue;
      faults.add({Origin::Layer::environment, quoted(name).substr(1, quoted(name).size() - 2)},
                 "unknown variable" + suggest(name, settings));
      continue;
    }
    // Images set VITALSD_VERSION to their version; only "true" means --version.
    if (setting->command == Command::version && value != "true") continue;
    const auto [found, added] = assigned.try_emplace(setting->index);
    Assigned& to = found->second;
    if (!added) {
      faults.add(origin, "sets the same as $" + to.origin.name);
      continue;
    }
    to.origin = origin;
    if (setting->is_scalar()) {
      put_text(*setting, value, origin, to, faults);
    } else {
      put_items(*setting, value, origin, to, faults);
    }
  }
  return assigned;
}

}  // namespace vitalsd::conf
