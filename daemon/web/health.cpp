#include "daemon/web/health.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "daemon/run/store.h"
#include "daemon/service/json_text.h"
#include "daemon/service/version.h"

namespace vitalsd {
namespace json = boost::json;
namespace {

json::object targets_of(const HealthFacts& facts) {
  json::object targets;
  for (const auto& [name, up] : facts.targets) targets[name] = up ? "up" : "down";
  return targets;
}

// Families that say the same thing of the host; what is not collected is null, not 0.
json::value value_of(const Snapshot& snapshot, std::string_view family) {
  const auto value = find_value(snapshot, family);
  return value ? json::value(*value) : json::value(nullptr);
}

json::value bytes_of(const Snapshot& snapshot, std::string_view family) {
  const auto value = find_value(snapshot, family);
  return value ? json::value(static_cast<std::uint64_t>(*value)) : json::value(nullptr);
}

}  // namespace

std::string_view state_word(const Job& job) {
  if (job.state() == Job::State::stuck) return "stuck";
  if (!job.facts.ran) return "starting";
  if (job.facts.unavailable) return "unavailable";
  return job.facts.success ? "ok" : "failed";
}

std::string health_json(const HealthFacts& facts) {
  utsname system{};
  ::uname(&system);
  json::object collectors;
  for (const auto& [name, job] : facts.jobs) {
    json::object state{{"state", state_word(*job)}};
    if (job->facts.collected) state["age_seconds"] = seconds(facts.now - *job->facts.collected);
    if (!job->facts.error.empty()) state["error"] = job->facts.error;
    collectors[name] = std::move(state);
  }
  json::object document{
      {"status", facts.status},
      {"uptime_seconds", seconds(facts.uptime)},
      {"memory",
       {{"total_bytes", bytes_of(facts.snapshot, "node_memory_MemTotal_bytes")},
        {"available_bytes", bytes_of(facts.snapshot, "node_memory_MemAvailable_bytes")},
        {"resident_bytes", bytes_of(facts.snapshot, "process_resident_memory_bytes")}}},
      {"load",
       {value_of(facts.snapshot, "node_load1"), value_of(facts.snapshot, "node_load5"),
        value_of(facts.snapshot, "node_load15")}},
      {"cpus", ::sysconf(_SC_NPROCESSORS_ONLN)},
      {"platform", std::string(system.sysname) + " " + system.release + " " + system.machine},
      {"hostname", system.nodename},
      {"pid", ::getpid()},
      {"ppid", ::getppid()},
      {"version", VITALSD_VERSION},
      {"collectors", std::move(collectors)},
      {"targets", targets_of(facts)},
  };
  if (!facts.lack.empty()) document["lack"] = facts.lack;
  if (!facts.alerts.empty()) document["alerts"] = json::value_from(facts.alerts);
  return json_text(document) + "\n";
}

}  // namespace vitalsd
