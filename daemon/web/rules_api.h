// GET /api/v1/rules and /api/v1/alerts, in the shape of Prometheus' API.
#pragma once

#include "core/clock.h"
#include "daemon/rules/rule_groups.h"
#include "exporters/http/message.h"

namespace vitalsd {

http::Response answer_rules(const RuleGroups& groups);
http::Response answer_alerts(const RuleGroups& groups);

}  // namespace vitalsd
