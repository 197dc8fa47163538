// load_config() with its surroundings as arguments, for tests: the collectors there are, and how a file is read.
#pragma once

#include <expected>
#include <functional>
#include <span>
#include <string>

#include "core/collector.h"
#include "daemon/config/load_config.h"

namespace vitalsd::conf {

/// Returns the text of a file, or one line that says why it cannot be read.
using ReadFile = std::function<std::expected<std::string, std::string>(const std::string& path)>;

/// As load_config().
LoadedConfig load(const ConfigSources& sources, std::span<const CollectorSpec> collectors, const ReadFile& read_file);
/// As help_text().
std::string help(std::span<const CollectorSpec> collectors, bool all);

}  // namespace vitalsd::conf
