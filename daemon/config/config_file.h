// Reads the configuration file, and only a file: nothing here can block or grow without bound.
#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace vitalsd::conf {

inline constexpr std::size_t kConfigFileLimit = 1U << 20U;

/// The text of the file, or one line that says why not ("cannot open 'x.yml': No such file or directory").
std::expected<std::string, std::string> read_config_file(const std::string& path);

}  // namespace vitalsd::conf
