// The alerts in the state directory, so that a restart neither resolves nor repeats them.
//   const std::string text = saved_alerts(groups, now_ms); restore_alerts(text, groups, now_ms)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/rules/rule_groups.h"

namespace vitalsd {

/// The pending and firing alerts as JSON.
std::string saved_alerts(const RuleGroups& groups, std::int64_t now_ms);

/// Gives each rule the alerts that were saved of it, unless they are older than an hour. False: the text makes no sense
/// and nothing is restored.
bool restore_alerts(std::string_view text, const RuleGroups& groups, std::int64_t now_ms);

}  // namespace vitalsd
