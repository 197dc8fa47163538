// GET /health: what a person or a supervisor wants to know at a glance, as JSON, from what is collected already.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/block.h"
#include "daemon/run/job.h"
#include "daemon/run/telemetry.h"
#include "daemon/web/target_states.h"

namespace vitalsd {

struct HealthFacts {
  std::string_view status;  ///< "ok", "failing", "degraded", "starting" or "stopping"
  std::chrono::nanoseconds uptime{};
  const Jobs& jobs;
  const Snapshot& snapshot;
  SteadyTime now;
  std::vector<TargetState> targets = {};
  std::string_view lack = {};            ///< what the system refuses the daemon, for people; empty: nothing
  std::vector<std::string> alerts = {};  ///< firing, of rules that affect health
};

/// The JSON document, ended by a newline.
std::string health_json(const HealthFacts& facts);

/// The state of a collector in a word: "ok", "unavailable" (this machine has nothing of it), "failed", "stuck" or
/// "starting".
std::string_view state_word(const Job& job);

}  // namespace vitalsd
