// The rows that the table of settings is made from: what the daemon itself has, and what each collector has.
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

// What the file, the environment and the command line can set.
struct SettingRow {
  std::string_view path, flag;
  OptionType type;
  std::string_view default_value, help;
  std::string_view placeholder = {};
  Bounds bounds = {};
  std::span<const std::string_view> allowed = {};
  bool mapping = false;
  bool url = false;  ///< shown without its secrets
  void (*store)(Config&, const Options::Value&) = nullptr;
};

// What the command line and the environment have alone.
struct CommandRow {
  std::string_view flag, help;
  std::optional<Command> command = {};  ///< a switch, or with a placeholder a text that asks for it
  std::string_view placeholder = {};
  bool hidden = false;
  std::span<const std::string_view> allowed = {};
};

// What every collector's section has; its default is that of collectors.defaults.
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
