// From the flags of an exporter that vitalsd replaces to the configuration that says the same.
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
  std::vector<std::string> warnings;  ///< one for each thing that has no equal, one line each
};

/// `exporter` is one that --migrate takes; anything else gives an empty YAML text. What is printed is valid as far as
/// can be said without the files that it names.
Migrated migrate(std::span<const CollectorSpec> collectors, std::string_view exporter,
                 std::span<const std::string> arguments);

}  // namespace vitalsd::conf
