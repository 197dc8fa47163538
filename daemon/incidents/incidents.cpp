#include "daemon/incidents/incidents.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json.hpp>

#include "daemon/incidents/report_history.h"
#include "daemon/incidents/report_text.h"
#include "daemon/service/host_name.h"
#include "daemon/service/json_text.h"
#include "daemon/service/version.h"
#include "exporters/http/query.h"

namespace vitalsd {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

constexpr std::size_t kMostRemembered = 1000;  // entities whose last report is known
constexpr unsigned kMostAtOnce = 4;            // reports on their way to the disk
constexpr std::size_t kMostThinned = 64;
constexpr std::string_view kText = "text/plain";

}  // namespace

void Incidents::configure(const Config& config, bool first) {
  enabled_ = config.reports.keep > 0;
  span_ = config.reports.history;
  reports_.configure(config.paths.state, std::max<std::size_t>(config.reports.keep, 1));
  if (enabled_ && !oom_log_) oom_log_.emplace();
  if (first && enabled_) asio::co_spawn(loop_, reports_.load(), asio::detached);
}

void Incidents::run_done(const Job& job, const RunReport& report) {
  const SteadyTime now = clock_.steady();
  for (const Happened& event : report.events) {
    if (is_repeated_by(job, event, now)) continue;
    telemetry_.event(event.kind);
    if (!enabled_ || !is_new(event, now)) continue;
    if (writing_ >= kMostAtOnce) {
      log_.warn_limited("reports", "too much happens at once: no report", {{"entity", event.entity}});
      continue;
    }
    Happened reported = event;
    const auto killed = name_killed(reported);
    std::string text = text_of(job, reported, killed, now);
    asio::co_spawn(loop_, keep(std::move(reported), std::move(text)), asio::detached);
  }
}

// The kernel names whom it has killed, where its log may be read; the cgroup alone does not.
std::vector<KilledProcess> Incidents::name_killed(Happened& event) {
  if (event.kind != EventKind::oom_kill || !oom_log_) return {};
  oom_log_->read();
  auto killed = oom_log_->records.killed_in(event.entity);
  for (const KilledProcess& each : killed) {
    event.detail += (&each == killed.data() ? ": " : ", ") + each.comm + " (pid " + std::to_string(each.pid);
    if (each.resident_bytes) event.detail += ", " + std::to_string(*each.resident_bytes) + " bytes resident";
    event.detail += ")";
  }
  return killed;
}

// Where the kernel does not announce kills (cgroups of version 1), the collector of the target and that of the cgroups
// each find the same one.
bool Incidents::is_repeated_by(const Job& job, const Happened& event, SteadyTime now) {
  if (event.kind != EventKind::oom_kill) return false;
  std::erase_if(reporters_, [now](const auto& entry) { return now - entry.second.last >= kBetweenReports; });
  if (reporters_.size() >= kMostRemembered) return false;
  const auto [entry, added] = reporters_.try_emplace(event.entity, Reporter{job.name(), now});
  if (entry->second.collector != job.name()) return true;
  entry->second.last = now;
  return false;
}

bool Incidents::is_new(const Happened& event, SteadyTime now) {
  std::string key = std::string(name_of(event.kind)) + " " + event.entity;
  // Each end of a target is one of a kind; an eater that is killed again and again is not.
  if (event.kind == EventKind::target_ended) key += " " + event.detail;
  std::erase_if(reported_, [now](const auto& entry) { return now - entry.second >= kBetweenReports; });
  if (reported_.size() >= kMostRemembered) return false;
  return reported_.emplace(std::move(key), now).second;
}

std::string Incidents::text_of(const Job& job, const Happened& event, const std::vector<KilledProcess>& killed,
                               SteadyTime now) const {
  json::object report{{"cause", name_of(event.kind)},
                      {"entity", event.entity},
                      {"detail", event.detail},
                      {"collector", job.name()},
                      {"timestamp_seconds", unix_seconds(clock_.now())},
                      {"hostname", host_name()},
                      {"version", VITALSD_VERSION}};
  json::array processes;
  for (const KilledProcess& each : killed) {
    json::object process{{"pid", each.pid}, {"comm", each.comm}};
    if (each.resident_bytes) process["resident_bytes"] = *each.resident_bytes;
    processes.push_back(std::move(process));
  }
  if (!processes.empty()) report["killed"] = std::move(processes);
  const std::size_t own = report.size();
  for (std::size_t stride = 1; stride <= kMostThinned; stride *= 2) {
    while (report.size() > own) report.erase(std::prev(report.end()));
    for (const auto& part : report_history(history_, now, span_, stride)) report.emplace(part.key(), part.value());
    std::string text = json_text(report);
    if (text.size() < Reports::kMostBytes) return text + "\n";
  }
  report.erase("history");
  return json_text(report) + "\n";
}

asio::awaitable<void> Incidents::keep(Happened event, std::string text) {
  ++writing_;
  const Reports::Kept kept = co_await reports_.add(event.kind, clock_.now(), std::move(text));
  --writing_;
  if (kept.error.empty()) {
    telemetry_.report_kept(event.kind);
    log_.warn(
        "incident",
        {{"cause", name_of(event.kind)}, {"entity", event.entity}, {"detail", event.detail}, {"report", kept.id}});
  } else {
    log_.warn_limited("report", "cannot keep a report",
                      {{"error", kept.error}, {"remedy", "let vitalsd write to the directory of --path.state"}});
  }
}

asio::awaitable<http::Response> Incidents::answer(std::string query, std::string accept) {
  http::Response response{.content_type = "application/json"};
  const auto parsed = http::parse_query(query);
  if (!parsed) co_return http::text_response(400, std::string(parsed.error()));
  const auto ids = parsed->all("id");
  if (ids.empty()) {
    response.body = std::make_shared<std::string>(reports_.list());
    co_return response;
  }
  response.body = co_await reports_.text_of(std::string(ids.front()));
  if (!response.body) co_return http::text_response(404, "no such report; see /api/v1/reports");
  if (accept.starts_with(kText)) {
    response.content_type = http::Response().content_type;
    response.body = std::make_shared<const std::string>(report_text(*response.body));
  }
  co_return response;
}

}  // namespace vitalsd
