// Reads the configuration file. Only regular files up to a limit are read, so that this neither blocks nor grows.
#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace vitalsd::conf {

inline constexpr std::size_t kConfigFileLimit = 1U << 20U;

/// The text of the file, or one line that says why it cannot be read ("cannot open 'x.yml': No such file or
/// directory").
std::expected<std::string, std::string> read_config_file(const std::string& path);

}  // namespace vitalsd::conf
