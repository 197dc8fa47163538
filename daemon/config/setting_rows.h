// The rows that the table of settings is made from: the daemon's own settings, and those that every collector has.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "daemon/config/load_config.h"

namespace vitalsd::conf {

/// The inclusive range of integers, and of durations in nanoseconds.
struct Bounds {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

// A setting that the file, the environment and the command line can give.
struct SettingRow {
  std::string_view path, flag;
  OptionType type;
  std::string_view default_value, help;
  std::string_view placeholder = {};
  Bounds bounds = {};
  std::span<const std::string_view> allowed = {};
  bool mapping = false;
  bool url = false;  ///< printed with its secrets masked
  void (*store)(Config&, const Options::Value&) = nullptr;
};

// A setting that only the command line and the environment can give.
struct CommandRow {
  std::string_view flag, help;
  std::optional<Command> command = {};  ///< what it asks for: a switch if set, a text if not empty
  std::string_view placeholder = {};
  bool hidden = false;
  std::span<const std::string_view> allowed = {};
};

// A setting in every collector's section; its default is the value in collectors.defaults.
struct CommonRow {
  std::string_view key;
  OptionType type;
  std::string_view default_value, help;
  Bounds bounds;
  void (*store)(CollectorConfig&, const Options::Value&);
};

std::span<const SettingRow> setting_rows();
std::span<const CommandRow> command_rows();
std::span<const CommonRow> common_rows();

}  // namespace vitalsd::conf
