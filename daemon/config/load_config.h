// Makes a Config from command line, environment and file. Reports all faults together; a faulty one is never applied.
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
namespace rules {
struct RuleBook;
}

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
  std::string message;       ///< what is wrong and what to do, one line
  std::string excerpt = {};  ///< lines that show the place, indented and each ended; empty: the place says enough
};
std::string describe(const ConfigFault& fault);  ///< "WHERE: MESSAGE"

/// The loader's inputs; tests supply their own.
struct ConfigSources {
  std::vector<std::string> arguments;  ///< without the program's name
  std::map<std::string, std::string, std::less<>> environment;
};

struct LoadedConfig {
  Command command = Command::run;
  bool help_all = false;                         ///< for Command::help: every flag
  std::string config_file;                       ///< its path; empty: none
  std::string healthcheck_url;                   ///< of `vitalsd healthcheck`
  std::shared_ptr<const WebSecurity> web;        ///< from web.config_file; null: not set, or the command needs none
  std::shared_ptr<const rules::RuleBook> rules;  ///< from rules.files; never null when there are no faults
  Config config;                                 ///< valid only when there are no faults
  std::vector<ConfigFault> faults;
  std::string reference_format;        ///< for Command::reference; empty: Markdown
  std::string migrate_from;            ///< for Command::migrate: the exporter
  std::vector<std::string> arguments;  ///< for Command::migrate: the exporter's flags
  std::string printed;                 ///< for Command::print_config: the effective YAML with origins
};

/// Reads everything anew; a reload calls it again with the same sources. Builds each enabled collector once, because
/// its constructor checks its options. Throws nothing.
LoadedConfig load_config(const ConfigSources& sources);

/// The output of --help, made from the parser's tables.
std::string help_text(bool all);
/// The output of --collectors: one line each, its name and on or off.
std::string collectors_text(const Config& config);

}  // namespace vitalsd
