// The table of everything that can be configured: the parser, --help, --config.print and the reference are made from
// it.
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

/// What one setting is. Views are static; `path` and `flag` are made for each collector.
struct Setting {
  std::string path = {};  ///< in YAML; empty for what only the command line has
  std::string flag = {};  ///< without the dashes
  OptionType type = OptionType::text;
  std::string_view default_value = {};  ///< as in YAML; of a list its one item
  std::string_view help = {};
  std::string_view placeholder = {};  ///< what stands for the value in --help; empty: the type's word
  Bounds bounds = {};
  std::span<const std::string_view> allowed = {};
  std::span<const RecordField> fields = {};
  bool mapping = false;  ///< a list of NAME=VALUE, in YAML a mapping
  bool url = false;      ///< shown without its secrets
  std::optional<Command> command = {};
  bool hidden = false;  ///< from --help

  const CollectorSpec* collector = nullptr;  ///< whose section it is in
  std::string_view key = {};                 ///< the name in that section
  const OptionSpec* option = nullptr;        ///< null for what all collectors have
  std::optional<std::size_t> inherits = {};  ///< index of the setting that gives the default
  std::size_t index = 0;

  void (*store)(Config&, const Options::Value&) = nullptr;
  void (*store_common)(CollectorConfig&, const Options::Value&) = nullptr;

  bool is_switch() const noexcept { return type == OptionType::boolean; }
  bool is_scalar() const noexcept { return type != OptionType::list && type != OptionType::records; }
};

/// A value found somewhere, already of its setting's type unless it is broken.
struct Assigned {
  Options::Value value = {};
  Origin origin = {};
  std::vector<Origin> items = {};  ///< of a list's items or the records
  bool broken = false;             ///< reported as a fault: no other check looks at it
};

class Settings {
 public:
  explicit Settings(std::span<const CollectorSpec> collectors);

  std::span<const Setting> all() const noexcept { return settings_; }
  std::span<const CollectorSpec> collectors() const noexcept { return collectors_; }
  const Setting& operator[](std::size_t index) const noexcept { return settings_[index]; }
  std::size_t size() const noexcept { return settings_.size(); }

  /// Null when there is none. In flags '.', '-' and '_' are the same, and `collector.NAME.enabled` is `collector.NAME`.
  const Setting* by_path(std::string_view path) const noexcept;
  const Setting* by_flag(std::string_view flag) const noexcept;
  /// The keys that may stand in a section ("" is the whole file), each once; empty when there is no such section.
  std::vector<std::string_view> keys_of(std::string_view section) const;

 private:
  void add(Setting setting);

  std::span<const CollectorSpec> collectors_;
  std::vector<Setting> settings_;
};

/// A heading of --help and of the manual, and how the flags below it begin.
struct SettingGroup {
  std::string_view title, prefix;
};
std::span<const SettingGroup> setting_groups();

/// "VITALSD_WEB_LISTEN_ADDRESS".
std::string variable_of(const Setting& setting);
/// What stands for the value in help: "DURATION", "FILE".
std::string_view placeholder_of(const Setting& setting);

/// By Setting::index: what one layer gives; few of hundreds, and fresh pages are the price of a quick start.
using Assignments = std::map<std::size_t, Assigned>;
/// By Setting::index: the value in force, never broken in itself.
using Values = std::vector<Assigned>;

}  // namespace vitalsd::conf
