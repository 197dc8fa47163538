// Makes families whose names only the running system knows (a sensor's, a sysctl's) and finds them again by name.
//   const Family* family = made.find("node_hwmon_temp_celsius", [&] { return Made{.help = "...", .labels = kLabels};
//   });
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/family.h"
#include "core/sink.h"

namespace vitalsd {

/// Everything about a made family but its name. `labels` are static.
struct MadeFamily {
  std::string help;
  Kind kind = Kind::gauge;
  std::span<const std::string_view> labels = {};
  std::string_view unit = {};
};

/// Appends `text` as a part of a metric's name: each character other than a letter, a digit or `_` becomes `_`.
void append_metric_name(std::string& out, std::string_view text);
/// As append_metric_name(), for fields of meminfo and similar files. Drops `)`: "Active(anon)" -> "Active_anon".
void append_field_name(std::string& out, std::string_view field);

class MadeFamilies {
 public:
  /// The limit on made families, so that hostile names cannot grow the daemon; further ones are left out.
  static constexpr std::size_t kMost = 1024;

  /// The family of this name, or null beyond the limit. Calls `describe` only when the name is new.
  template <class Describe>
  const Family* find(std::string_view name, Describe describe) {
    if (const auto known = by_name_.find(name); known != by_name_.end()) return known->second;
    return make(name, describe());
  }

  /// Makes the sink keep the owner of these families. The owner only grows, and its entries never change.
  void keep(Sink& sink) const { sink.keep(made_); }

 private:
  struct Made {
    std::string name, help;
    Family family;
  };
  const Family* make(std::string_view name, MadeFamily description);

  std::shared_ptr<std::deque<Made>> made_ = std::make_shared<std::deque<Made>>();
  std::map<std::string_view, const Family*> by_name_;
};

}  // namespace vitalsd
