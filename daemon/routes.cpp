// The table of what is answered over HTTP (contract: nothing else is).
#include "daemon/app.h"
#include "daemon/web/history_api.h"
#include "daemon/web/page.h"
#include "daemon/web/rules_api.h"
#include "daemon/web/status.h"

namespace vitalsd {
namespace asio = boost::asio;
namespace {

constexpr std::string_view kRead = "GET, HEAD";

}  // namespace

std::vector<http::Binding> App::bindings(const Config& config, const std::shared_ptr<const http::Guard>& guard) {
  std::vector<http::Binding> all;
  const auto routes = full_routes(config);
  for (const int fd : inherited_) all.push_back({"fd:" + std::to_string(fd), routes, fd, guard});
  if (all.empty() && config.web.systemd_socket) {
    throw http::ListenError("no socket was passed by the service manager (LISTEN_FDS): start through vitalsd.socket");
  }
  if (all.empty()) {
    for (const auto& address : config.web.listen_addresses) all.push_back({address, routes, -1, guard});
  }
  const auto probes = probe_routes();
  for (const auto& address : config.web.probe_addresses) all.push_back({address, probes});
  return all;
}

std::shared_ptr<const http::Routes> App::full_routes(const Config& config) {
  auto routes = std::make_shared<http::Routes>(*probe_routes());
  routes->push_back({config.web.telemetry_path, "metrics", kRead,
                     [this](const http::Request& request) { return scrape_.serve(request); }});
  routes->push_back({"/", "landing", kRead, [](const http::Request& request) { return answer_page_of(request); }});
  routes->push_back({std::string(kPageFiles), "page", kRead,
                     [](const http::Request& request) { return answer_page_file_of(request); }, true});
  routes->push_back({"/health", "health", kRead, [this](const http::Request&) { return answer_health(); }});
  routes->push_back(
      {"/api/v1/reports", "reports", kRead, [this](const http::Request& request) { return answer_reports(request); }});
  routes->push_back({"/api/v1/status", "status", kRead,
                     [this](const http::Request& request) { return answer_status_of(request.if_none_match); }});
  routes->push_back({"/api/v1/history", "history", kRead,
                     [this](const http::Request& request) { return answer_history_of(request.query); }});
  routes->push_back({"/api/v1/series", "series", kRead,
                     [this](const http::Request& request) { return answer_series_of(request.query); }});
  routes->push_back({"/api/v1/rules", "rules", kRead, [this](const http::Request&) { return answer_rule_list(); }});
  routes->push_back({"/api/v1/alerts", "alerts", kRead, [this](const http::Request&) { return answer_alert_list(); }});
  publisher_.add_routes(*routes, config.publish);
  if (config.web.enable_lifecycle) {
    routes->push_back({"/-/reload", "reload", "POST, PUT", [this](const http::Request&) { return answer_reload(); }});
  }
  return routes;
}

std::shared_ptr<const http::Routes> App::probe_routes() {
  return std::make_shared<http::Routes>(http::Routes{
      {"/-/healthy", "healthy", kRead, [this](const http::Request&) { return answer_alive(); }},
      {"/-/ready", "ready", kRead, [this](const http::Request&) { return answer_ready(); }},
  });
}

HealthFacts App::health_facts() {
  constexpr std::array<std::string_view, 3> kWords = {"starting", "ok", "stopping"};
  store_.snapshot(health_snapshot_);
  health_lack_ = pool_.workers().refused != 0 ? "the system refuses threads: collectors that may wait do not run" : "";
  for (const auto& [name, job] : scheduler_.jobs()) {
    if (job->facts.lack.empty()) continue;
    health_lack_ += (health_lack_.empty() ? "" : "; ") + name + " lacks " + job->facts.lack;
  }
  if (phase_ != Phase::running) health_lack_.clear();
  health_alerts_ = rules_.failing(rules::Affects::health);
  const bool is_failing = !health_alerts_.empty() && phase_ == Phase::running;
  return {is_failing              ? "failing"
          : !health_lack_.empty() ? "degraded"
                                  : kWords[static_cast<std::size_t>(phase_)],
          clock_.steady() - start_,
          scheduler_.jobs(),
          health_snapshot_,
          clock_.steady(),
          target_states(config_, store_),
          health_lack_,
          health_alerts_};
}

App::Answer App::answer_alive() { co_return http::text_response(200, "vitalsd is healthy."); }

App::Answer App::answer_ready() {
  if (phase_ == Phase::running) {
    std::string alerts;
    for (const std::string& name : rules_.failing(rules::Affects::ready)) alerts += " " + name;
    if (alerts.empty()) co_return http::text_response(200, "vitalsd is ready.");
    co_return http::text_response(503, "vitalsd is not ready, by its rules:" + alerts);
  }
  co_return http::text_response(503, phase_ == Phase::starting ? "vitalsd is starting." : "vitalsd is stopping.");
}

App::Answer App::answer_health() {
  http::Response response{.content_type = "application/json"};
  response.body = std::make_shared<std::string>(health_json(health_facts()));
  response.status = phase_ == Phase::running && health_alerts_.empty() ? 200U : 503U;
  health_snapshot_.clear();  // blocks must not be held: their collectors fill them again
  co_return response;
}

App::Answer App::answer_page_of(http::Request request) { co_return answer_page(request); }

App::Answer App::answer_page_file_of(http::Request request) { co_return answer_page_file(request); }

App::Answer App::answer_status_of(std::string_view if_none_match) {
  const HealthFacts health = health_facts();
  health_snapshot_.clear();
  const StatusFacts facts{health.status, health.lack, config_.web.telemetry_path, scheduler_.jobs(), store_, history_,
                          clock_,        start_};
  co_return answer_status(facts, if_none_match);
}

App::Answer App::answer_reports(const http::Request& request) {
  return incidents_.answer(std::string(request.query), std::string(request.accept));
}

App::Answer App::answer_rule_list() { co_return answer_rules(rules_.groups()); }

App::Answer App::answer_alert_list() { co_return answer_alerts(rules_.groups()); }

App::Answer App::answer_history_of(std::string_view query) { co_return answer_history(history_, clock_, query); }

App::Answer App::answer_series_of(std::string_view query) { co_return answer_series(history_, query); }

App::Answer App::answer_reload() {
  std::string faults = co_await reload();
  if (faults.empty()) co_return http::text_response(200, "reloaded");
  co_return http::text_response(500, std::move(faults));
}

}  // namespace vitalsd
