// From command line, environment and file to a Config: all faults of one run together, nothing half-applied.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/config.h"

namespace vitalsd {

struct WebSecurity;

enum class Command {
  run,
  help,
  version,
  list_collectors,
  check_config,
  print_config,
  once,
  healthcheck,
  reference,
  migrate
};

/// One thing wrong with the configuration. `where` is "FILE:LINE:COLUMN", "--flag" or "$VARIABLE".
struct ConfigFault {
  std::string where;
  std::string message;  ///< what is wrong and what to do, one line
};
std::string describe(const ConfigFault& fault);  ///< "WHERE: MESSAGE"

/// The outside world as the loader sees it; tests give their own.
struct ConfigSources {
  std::vector<std::string> arguments;  ///< without the program's name
  std::map<std::string, std::string, std::less<>> environment;
};

struct LoadedConfig {
  Command command = Command::run;
  std::string config_file;                 ///< empty: none
  std::string healthcheck_url;             ///< of `vitalsd healthcheck`
  std::shared_ptr<const WebSecurity> web;  ///< of web.config_file, null: none, or the command needs none
  Config config;                           ///< meaningful when there are no faults
  std::vector<ConfigFault> faults;
  std::string reference_format;        ///< of Command::reference; empty: Markdown
  std::string migrate_from;            ///< of Command::migrate: which exporter's flags
  std::vector<std::string> arguments;  ///< of Command::migrate: those flags
  std::string printed;                 ///< for Command::print_config: the effective YAML with origins
};

/// Reads everything anew; a reload calls it again with the same sources. Builds each enabled collector once to have its
/// own checks made, and throws nothing.
LoadedConfig load_config(const ConfigSources& sources);

/// The text of --help, made from the same tables as the parser.
std::string help_text();
/// The text of --collectors: name, on or off, one line each.
std::string collectors_text(const Config& config);

}  // namespace vitalsd
