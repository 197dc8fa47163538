// The table of all settings. The parser, --help, --config.print and the reference are made from it.
//   web.listen_address in YAML  =  --web.listen-address  =  VITALSD_WEB_LISTEN_ADDRESS
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/collector.h"
#include "daemon/config/fault.h"
#include "daemon/config/setting_rows.h"

namespace vitalsd::conf {

/// One setting. The views point to static storage; `path` and `flag` are composed for each collector.
struct Setting {
  std::string path = {};  ///< in YAML; empty: the file cannot give it
  std::string flag = {};  ///< without the dashes
  OptionType type = OptionType::text;
  std::string_view default_value = {};  ///< as in YAML; for a list, its only item
  std::string_view help = {};
  std::string_view placeholder = {};  ///< names the value in --help; empty: the type's own word
  Bounds bounds = {};
  std::span<const std::string_view> allowed = {};
  std::span<const RecordField> fields = {};
  bool mapping = false;  ///< a list of NAME=VALUE, in YAML a mapping
  bool url = false;      ///< printed with its secrets masked
  std::optional<Command> command = {};
  bool hidden = false;  ///< left out of --help

  const CollectorSpec* collector = nullptr;  ///< the owner of the section that it is in, or null
  std::string_view key = {};                 ///< the name in that section
  const OptionSpec* option = nullptr;        ///< null for settings that all collectors have
  std::optional<std::size_t> inherits = {};  ///< index of the setting that gives the default
  std::size_t index = 0;

  void (*store)(Config&, const Options::Value&) = nullptr;
  void (*store_common)(CollectorConfig&, const Options::Value&) = nullptr;

  bool is_switch() const noexcept { return type == OptionType::boolean; }
  bool is_scalar() const noexcept { return type != OptionType::list && type != OptionType::records; }
};

/// A value that one of the layers gives. It has its setting's type unless it is broken.
struct Assigned {
  Options::Value value = {};
  Origin origin = {};
  std::vector<Origin> items = {};  ///< one for each item or record
  bool broken = false;             ///< a fault was added for it; no check looks at it again
};

class Settings {
 public:
  explicit Settings(std::span<const CollectorSpec> collectors);

  std::span<const Setting> all() const noexcept { return settings_; }
  std::span<const CollectorSpec> collectors() const noexcept { return collectors_; }
  const Setting& operator[](std::size_t index) const noexcept { return settings_[index]; }
  std::size_t size() const noexcept { return settings_.size(); }

  /// Null when there is none. by_flag() takes '.', '-' and '_' for the same, and `collector.NAME.enabled` for
  /// `collector.NAME`.
  const Setting* by_path(std::string_view path) const noexcept;
  const Setting* by_flag(std::string_view flag) const noexcept;
  /// The keys that a section ("" is the whole file) may have, each once; empty when there is no such section.
  std::vector<std::string_view> keys_of(std::string_view section) const;

 private:
  void add(Setting setting);

  std::span<const CollectorSpec> collectors_;
  std::vector<Setting> settings_;
};

/// A heading of --help and of the manual, and the prefix of the flags below it.
struct SettingGroup {
  std::string_view title, prefix;
};
std::span<const SettingGroup> setting_groups();

/// "VITALSD_WEB_LISTEN_ADDRESS".
std::string variable_of(const Setting& setting);
/// The name of the value in --help: "DURATION", "FILE".
std::string_view placeholder_of(const Setting& setting);

/// The values of one layer by Setting::index. A map, because a layer gives few of hundreds and a vector would touch
/// more memory at the start.
using Assignments = std::map<std::size_t, Assigned>;
/// The values in force by Setting::index. Where `broken` is set, the value is the default instead of the given one.
using Values = std::vector<Assigned>;

}  // namespace vitalsd::conf
