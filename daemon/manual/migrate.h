// Translates the flags of an exporter that vitalsd replaces into a configuration with the same effect.
//   migrate(collectors, "node_exporter", {"--collector.cpu.info"}).yaml  ->  "...collectors:\n  cpu:\n    info: true\n"
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/collector.h"

namespace vitalsd::conf {

struct Migrated {
  std::string yaml;
  std::vector<std::string> warnings;  ///< one line for each flag that cannot be translated fully
};

/// `exporter` is a name that --migrate takes; for any other the YAML text is empty. The text is a valid configuration,
/// except that the files it names are not checked.
Migrated migrate(std::span<const CollectorSpec> collectors, std::string_view exporter,
                 std::span<const std::string> arguments);

}  // namespace vitalsd::conf
