// GET /api/v1/status: what the daemon knows at this moment, as JSON of version 1, for the status page and for scripts.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "daemon/history/history.h"
#include "daemon/run/job.h"
#include "daemon/run/store.h"
#include "daemon/web/health.h"
#include "exporters/http/message.h"

namespace vitalsd {

struct StatusFacts {
  std::string_view status;  ///< as in HealthFacts
  std::string_view lack;    ///< as in HealthFacts
  std::string_view telemetry_path;
  const Jobs& jobs;
  const Store& store;
  const History& history;
  const Clock& clock;
  SteadyTime start;
};

struct StatusLimits {
  static constexpr std::size_t kSeries = 1'000;  ///< of one family; the rest is counted in `left_out`
  static constexpr std::chrono::seconds kRate{15};
};

/// The host, the collectors, and of each family that the history keeps every series with its newest value; counters
/// have a rate, too, per second over the last 15 s or, where a collector runs less often, over its last two intervals
/// and a half. node_cpu_seconds_total is added up over all CPUs. What was published is read, and nothing is collected.
std::string status_json(const StatusFacts& facts);

/// The same as a response with an ETag: 304 while nothing was collected since.
http::Response answer_status(const StatusFacts& facts, std::string_view if_none_match);

}  // namespace vitalsd
