#include "daemon/config/flags.h"

#include <optional>

#include "daemon/config/suggest.h"
#include "daemon/config/value.h"

namespace vitalsd::conf {
namespace {

constexpr std::string_view kHealthcheck = "healthcheck";

class FlagParser {
 public:
  FlagParser(std::span<const std::string> arguments, const Settings& settings, Faults& faults)
      : arguments_(arguments), settings_(settings), faults_(faults) {}

  CommandLine run() {
    while (next_ < arguments_.size()) {
      const std::string_view argument = arguments_[next_++];
      if (argument == "-h") {
        flag("help");
      } else if (argument == "--") {
        rest();
      } else if (argument.starts_with("--") && argument.size() > 2) {
        flag(argument.substr(2));
      } else if (argument.starts_with("-") && argument.size() > 1) {
        single_dash(argument);
      } else {
        positional(argument);
      }
    }
    check_url();
    check_rest();
    return std::move(line_);
  }

 private:
  static Origin origin(std::string_view name) {
    const std::string shown = quoted(name);
    return {Origin::Layer::flag, "--" + shown.substr(1, shown.size() - 2)};
  }

  void flag(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    std::optional<std::string_view> value;
    if (equals != std::string_view::npos) value = text.substr(equals + 1);
    if (const Setting* setting = settings_.by_flag(name)) return known(*setting, name, value);
    if (name.starts_with("no-")) {
      const Setting* setting = settings_.by_flag(name.substr(3));
      if (setting != nullptr && !setting->is_switch()) {
        return faults_.add(origin(name), "only switches can be turned off; --" + setting->flag + " takes a value");
      }
      if (setting != nullptr) {
        if (value) return faults_.add(origin(name), "takes no value");
        return put(*setting, name, "false");
      }
    }
    faults_.add(origin(name), "unknown flag" + suggest(name));
  }

  void known(const Setting& setting, std::string_view name, std::optional<std::string_view> value) {
    if (setting.command == Command::help && value == "all") {
      line_.help_all = true;
      value = "true";
    }
    if (value) return put(setting, name, *value);
    if (setting.is_switch()) return put(setting, name, "true");
    if (next_ < arguments_.size() && !arguments_[next_].starts_with("--"))
      return put(setting, name, arguments_[next_++]);
    faults_.add(origin(name), "needs a value: --" + std::string(name) + "=" + std::string(placeholder_of(setting)));
  }

  void put(const Setting& setting, std::string_view name, std::string_view value) {
    const auto [found, added] = line_.assigned.try_emplace(setting.index);
    Assigned& assigned = found->second;
    // The last value of a scalar counts, so that a wrapper's flags can be overruled; a list takes every value.
    if (!added && setting.is_scalar()) assigned = {};
    if (added || setting.is_scalar()) assigned.origin = origin(name);
    put_spelled(setting, value, origin(name), assigned, faults_);
  }

  std::string suggest(std::string_view name) const {
    std::vector<std::string> spelled;
    const bool negated = name.starts_with("no-");
    for (const Setting& setting : settings_.all()) {
      if (!setting.hidden && (!negated || setting.is_switch()))
        spelled.push_back((negated ? "--no-" : "--") + setting.flag);
    }
    return suggestion("--" + std::string(name), {spelled.begin(), spelled.end()});
  }

  void single_dash(std::string_view argument) {
    const std::string_view name = argument.substr(1, argument.find('=') - 1);
    const std::string shown = quoted(argument.substr(0, argument.find('=')));
    faults_.add({Origin::Layer::flag, shown.substr(1, shown.size() - 2)},
                settings_.by_flag(name) == nullptr ? "unknown flag; flags begin with two dashes, see --help"
                                                   : "unknown flag, did you mean '--" + std::string(name) + "'?");
  }

  void positional(std::string_view argument) {
    if (argument == kHealthcheck && !line_.healthcheck) {
      line_.healthcheck = true;
      return;
    }
    faults_.add({Origin::Layer::flag, "command line"},
                "unexpected argument " + quoted(argument) +
                    (argument == kHealthcheck ? "" : suggestion(argument, {kHealthcheck})));
  }

  void rest() {
    line_.rest.assign(arguments_.begin() + static_cast<std::ptrdiff_t>(next_), arguments_.end());
    next_ = arguments_.size();
    separated_ = true;
  }

  void check_rest() {
    if (separated_ && !line_.assigned.contains(settings_.by_flag("migrate")->index))
      faults_.add({Origin::Layer::flag, "--"}, "the arguments after it are for --migrate only");
    const std::size_t migrate = settings_.by_flag("migrate")->index;
    if (!line_.assigned.contains(migrate)) return;
    for (const auto& [index, assigned] : line_.assigned) {
      if (index != migrate) faults_.add(assigned.origin, "the flags to migrate must come after '--'");
    }
  }

  void check_url() {
    const auto url = line_.assigned.find(settings_.by_flag("url")->index);
    if (url != line_.assigned.end() && !line_.healthcheck)
      faults_.add(url->second.origin, "is for 'vitalsd healthcheck' only");
  }

  std::span<const std::string> arguments_;
  std::size_t next_ = 0;
  bool separated_ = false;
  const Settings& settings_;
  Faults& faults_;
  CommandLine line_;
};

}  // namespace

CommandLine parse_flags(std::span<const std::string> arguments, const Settings& settings, Faults& faults) {
  return FlagParser(arguments, settings, faults).run();
}

}  // namespace vitalsd::conf
