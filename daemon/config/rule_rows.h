// The settings of rules and of the Alertmanagers that hear of them, a part of setting_rows().
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/setting_rows.h"

namespace vitalsd::conf {

std::span<const SettingRow> rule_setting_rows();

/// The pairs of a mapping by name; those without a value are left out: to Prometheus an empty label is no label.
std::vector<std::pair<std::string, std::string>> labels_of(const Options::Value& value);

}  // namespace vitalsd::conf
