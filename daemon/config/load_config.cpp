#include "daemon/config/load_config.h"

#include <algorithm>
#include <optional>

#include "daemon/config/checks.h"
#include "daemon/config/config_file.h"
#include "daemon/config/environment.h"
#include "daemon/config/file_layer.h"
#include "daemon/config/flags.h"
#include "daemon/config/loader.h"
#include "daemon/config/print_config.h"
#include "daemon/config/rule_files.h"
#include "daemon/config/web_security.h"

namespace vitalsd {
namespace conf {
namespace {

// A value in `upper` replaces the one in `lower`, even if it is broken. (Flag beats environment beats file.)
Assignments overlay(Assignments&& lower, Assignments upper) {
  for (auto& [index, assigned] : lower) {
    if (const auto [over, added] = upper.try_emplace(index, std::move(assigned)); !added && assigned.broken) {
      over->second.broken = true;
    }
  }
  return upper;
}

Assigned default_of(const Setting& setting) {
  Assigned assigned;
  if (setting.is_scalar()) {
    assigned.value.text = setting.default_value;
  } else if (!setting.default_value.empty() && setting.option == nullptr) {
    assigned.value.items.emplace_back(setting.default_value);
    assigned.items.resize(1);
  }
  return assigned;
}

std::string state_directory(const Environment& environment) {
  const auto found = environment.find("STATE_DIRECTORY");
  // systemd separates several directories with colons; the first one is used.
  return found == environment.end() ? "" : found->second.substr(0, found->second.find(':'));
}

// The given option that enables its collector by being given, or null.
const Assigned* asked_for(const Settings& settings, const Values& values, const CollectorSpec& collector) {
  for (const Setting& setting : settings.all()) {
    if (setting.collector != &collector || setting.option == nullptr || !setting.option->enables) continue;
    const Assigned& assigned = values[setting.index];
    const bool empty = assigned.value.text.empty() && assigned.value.items.empty() && assigned.value.records.empty();
    if (assigned.origin.layer != Origin::Layer::standard && !empty) return &assigned;
  }
  return nullptr;
}

// Decides for each collector that was neither enabled nor disabled by name: an option that needs it enables it, and
// --collector.disable-defaults disables it.
void enable_collectors(const Settings& settings, Values& values) {
  const Assigned& only_named = values[settings.by_path("collectors.disable_defaults")->index];
  for (const Setting& setting : settings.all()) {
    if (setting.collector == nullptr || setting.key != "enabled" || setting.option != nullptr) continue;
    Assigned& enabled = values[setting.index];
    if (enabled.origin.layer != Origin::Layer::standard || enabled.broken) continue;
    if (const Assigned* asked = asked_for(settings, values, *setting.collector)) {
      enabled.value.text = "true";
      enabled.origin = asked->origin;
    } else if (only_named.value.text == "true") {
      enabled.value.text = "false";
      enabled.origin = only_named.origin;
    }
  }
}

Values resolve(const Settings& settings, Assignments assigned, const Environment& environment) {
  Values values;
  values.reserve(settings.size());
  for (const Setting& setting : settings.all()) {
    const auto given = assigned.find(setting.index);
    if (given != assigned.end() && !given->second.broken) {
      values.push_back(std::move(given->second));
      continue;
    }
    // Settings that others inherit from come first in the table.
    values.push_back(setting.inherits ? values[*setting.inherits] : default_of(setting));
    values.back().broken = given != assigned.end();
  }
  if (Assigned& state = values[settings.by_path("paths.state")->index]; state.origin.layer == Origin::Layer::standard) {
    state.value.text = state_directory(environment);
    if (!state.value.text.empty()) state.origin.name = "$STATE_DIRECTORY";
  }
  enable_collectors(settings, values);
  return values;
}

Config assemble(const Settings& settings, const Values& values) {
  Config config;
  for (const Setting& setting : settings.all()) {
    const Options::Value& value = values[setting.index].value;
    if (setting.store != nullptr) setting.store(config, value);
    if (setting.collector == nullptr) continue;
    CollectorConfig& collector = config.collectors[std::string(setting.collector->name)];
    if (setting.store_common != nullptr) setting.store_common(collector, value);
    if (setting.option != nullptr) collector.options.set(setting.option->name, value);
  }
  // One collector alone needs these: they are its options, and not among the paths of every Host.
  if (const auto cgroups = config.collectors.find("cgroups"); cgroups != config.collectors.end()) {
    for (const char* path : {"paths.pod_logs", "paths.container_logs"}) {
      cgroups->second.options.set(path, values[settings.by_path(path)->index].value);
    }
  }
  return config;
}

bool is_asked(const Setting& setting, const Options::Value& value) {
  return setting.is_switch() ? value.text == "true" : !value.text.empty();
}

Command command_of(const CommandLine& line, const Settings& settings, const Values& values, Faults& faults) {
  Command command = line.healthcheck ? Command::healthcheck : Command::run;
  std::string first = line.healthcheck ? "healthcheck" : "";
  for (const Setting& setting : settings.all()) {
    if (!setting.command || !is_asked(setting, values[setting.index].value)) continue;
    if (*setting.command == Command::help || *setting.command == Command::version) return *setting.command;
    if (command == Command::run) {
      command = *setting.command;
      first = "--" + setting.flag;
    } else {
      faults.add(values[setting.index].origin, "cannot be combined with " + first);
    }
  }
  return command;
}

// The URL that a client on this machine checks: on the probes' listener if there is one, else on the first listener.
std::string health_url(const Config& config, const ReadFile& read_file) {
  Faults unheeded;
  const auto web = config.web.probe_addresses.empty() && !config.web.config_file.empty()
                       ? load_web_security(config.web.config_file, {}, read_file, unheeded)
                       : nullptr;
  const auto& addresses = config.web.probe_addresses.empty() ? config.web.listen_addresses : config.web.probe_addresses;
  if (addresses.empty()) return {};
  std::string address = addresses.front();
  if (address.starts_with("unix:")) return address;
  if (address.starts_with(":")) address.insert(0, "127.0.0.1");
  if (address.starts_with("0.0.0.0:")) address.replace(0, 7, "127.0.0.1");
  if (address.starts_with("[::]:")) address.replace(0, 4, "[::1]");
  return (web && web->tls ? "https://" : "http://") + address + "/-/healthy";
}

class Loader {
 public:
  Loader(const ConfigSources& sources, std::span<const CollectorSpec> collectors, const ReadFile& read_file)
      : sources_(sources), settings_(collectors), read_file_(read_file) {}

  LoadedConfig run() {
    CommandLine line = parse_flags(sources_.arguments, settings_, faults_);
    Assignments given = overlay(read_environment(sources_.environment, settings_, faults_), std::move(line.assigned));
    Assignments file = file_layer(given);
    section_files(given, file);
    const Values values = resolve(settings_, overlay(std::move(file), std::move(given)), sources_.environment);
    LoadedConfig loaded;
    loaded.command = command_of(line, settings_, values, faults_);
    loaded.help_all = line.help_all;
    if (loaded.command == Command::help || loaded.command == Command::version) return loaded;
    loaded.config_file = std::move(config_file_);
    check_values(settings_, values, faults_);
    loaded.reference_format = values[settings_.by_flag("reference.format")->index].value.text;
    loaded.migrate_from = values[settings_.by_flag("migrate")->index].value.text;
    loaded.arguments = std::move(line.rest);
    loaded.config = assemble(settings_, values);
    if (loaded.command == Command::healthcheck) {
      loaded.healthcheck_url = values[settings_.by_flag("url")->index].value.text;
      if (loaded.healthcheck_url.empty()) loaded.healthcheck_url = health_url(loaded.config, read_file_);
      // Faults in a file that is being edited do not make the running daemon unhealthy.
      faults_.keep_only(Origin::Layer::flag);
    } else {
      check_collectors(settings_, values, loaded.config, faults_);
      const Assigned& web = values[settings_.by_path("web.config_file")->index];
      if (!web.broken && !web.value.text.empty()) {
        loaded.web = load_web_security(web.value.text, web.origin, read_file_, faults_);
      }
      read_token(values, loaded.config.publish);
      const Assigned& files = values[settings_.by_path("rules.files")->index];
      loaded.rules = load_rule_files(files.value.items, files.items, loaded.config.rules.interval, read_file_, faults_);
    }
    loaded.faults = faults_.sorted();
    if (loaded.command == Command::print_config && loaded.faults.empty()) {
      loaded.printed = print_config(settings_, values, loaded.config_file);
    }
    return loaded;
  }

 private:
  // The token without its line's end. A short one is refused: it could be guessed, since nothing limits the attempts.
  void read_token(const Values& values, Config::Publish& publish) {
    constexpr std::size_t kLeast = 16;
    const Assigned& named = values[settings_.by_path("publish.token_file")->index];
    if (!publish.enabled || named.broken || publish.token_file.empty()) return;
    auto text = read_file_(publish.token_file);
    if (!text) return faults_.add(named.origin, text.error());
    while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
    if (text->size() < kLeast || text->find_first_of("\r\n") != text->npos) {
      return faults_.add(named.origin, quoted(publish.token_file) + " must hold one line of at least 16 characters");
    }
    publish.token = *std::move(text);
  }

  Assignments file_layer(const Assignments& given) {
    const auto file = given.find(settings_.by_flag("config.file")->index);
    if (file == given.end() || file->second.broken || file->second.value.text.empty()) return {};
    config_file_ = file->second.value.text;
    const auto text = read_file_(config_file_);
    if (text) return read_file_layer(config_file_, *text, settings_, sources_.environment, faults_);
    faults_.add(file->second.origin, text.error());
    return {};
  }

  // Adds the settings of the sections' files to `file`. They are of the lowest layer and may not repeat the main
  // file's.
  void section_files(const Assignments& given, Assignments& file) {
    for (const Setting& setting : settings_.all()) {
      if (setting.option == nullptr || !setting.option->section_file) continue;
      const auto over = given.find(setting.index);
      const auto under = file.find(setting.index);
      const Assigned* named = over != given.end() ? &over->second : under != file.end() ? &under->second : nullptr;
      if (named == nullptr || named->broken || named->value.text.empty()) continue;
      const auto text = read_file_(named->value.text);
      if (!text) {
        faults_.add(named->origin, text.error());
        continue;
      }
      const std::string section = setting.path.substr(0, setting.path.rfind('.'));
      for (auto& [index, assigned] : read_section_file(named->value.text, *text, section, settings_, faults_)) {
        const Origin origin = assigned.origin;
        if (!file.try_emplace(index, std::move(assigned)).second) {
          faults_.add(origin, quoted(settings_[index].key) + " is given here and in " + quoted(config_file_));
        }
      }
    }
  }

  const ConfigSources& sources_;
  Settings settings_;
  const ReadFile& read_file_;
  Faults faults_;
  std::string config_file_;
};

}  // namespace

LoadedConfig load(const ConfigSources& sources, std::span<const CollectorSpec> collectors, const ReadFile& read_file) {
  return Loader(sources, collectors, read_file).run();
}

}  // namespace conf

LoadedConfig load_config(const ConfigSources& sources) {
  return conf::load(sources, registered_collectors(), conf::read_config_file);
}

}  // namespace vitalsd
