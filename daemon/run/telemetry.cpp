#include "daemon/run/telemetry.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <array>

#include "core/sink.h"
#include "daemon/service/version.h"
#include "exporters/registry_bridge.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 3> kBuildLabels = {"version", "revision", "compiler"};
constexpr std::array<std::string_view, 1> kCollectorLabels = {"collector"};

constexpr Family kBuildInfo{"vitalsd_build_info", Kind::gauge, "What was built; the value is 1.", "", kBuildLabels};
// node_exporter's own, from which dashboards take its instances. Its labels branch, goversion and tags have no meaning
// here; one that is empty and one that is not there are the same to Prometheus.
constexpr std::array<std::string_view, 4> kNodeBuildLabels = {"goarch", "goos", "revision", "version"};
constexpr Family kNodeBuildInfo{"node_exporter_build_info", Kind::gauge,
                                "A metric with a constant '1' value labeled by version, revision, branch, goversion "
                                "from which node_exporter was built, and the goos and goarch for the build.",
                                "", kNodeBuildLabels};
#if defined(__x86_64__)
constexpr std::string_view kGoArch = "amd64";
#elif defined(__aarch64__)
constexpr std::string_view kGoArch = "arm64";
#else
constexpr std::string_view kGoArch = "";
#endif
constexpr std::array<std::string_view, 4> kSandboxLabels = {"no_new_privs", "capabilities", "seccomp", "landlock"};
constexpr Family kSandbox{"vitalsd_sandbox_info", Kind::gauge,
                          "Which parts of the daemon's own sandbox are in force: on, off, or why not; the value is 1.",
                          "", kSandboxLabels};
constexpr Family kReloadOk{"vitalsd_config_last_reload_successful", Kind::gauge,
                           "Whether the last configuration reload succeeded."};
constexpr Family kReloadTime{"vitalsd_config_last_reload_success_timestamp_seconds", Kind::gauge,
                             "When the configuration was last loaded successfully, in unixtime.", "seconds"};
constexpr Family kNodeSuccess{"node_scrape_collector_success", Kind::gauge,
                              "node_exporter: Whether a collector succeeded.", "", kCollectorLabels};
constexpr Family kNodeDuration{"node_scrape_collector_duration_seconds", Kind::gauge,
                               "node_exporter: Duration of a collector scrape.", "seconds", kCollectorLabels};

constexpr Family kLeftOut{
    "vitalsd_exposition_series_left_out", Kind::gauge,
    "Series of the last exposition that were left out, as a collector had reported them already: a text file, a "
    "command or a push repeats them."};
constexpr Family kBudget{"vitalsd_cpu_budget_cores", Kind::gauge,
                         "What budget.cpu allows the daemon in the long run, in cores; absent without one."};

constexpr Family kWorkers{"vitalsd_pool_workers", Kind::gauge,
                          "Threads on which collectors run that may wait for a device or a lock."};
constexpr Family kWorkersWanted{"vitalsd_pool_workers_wanted", Kind::gauge,
                                "Threads that the daemon would have if the system had not refused one; more than "
                                "vitalsd_pool_workers while it refuses."};

constexpr Family kWebReload{"vitalsd_web_config_last_reload_successful", Kind::gauge,
                            "Whether web.config_file and its certificates could be read when they last changed; absent "
                            "until they do."};
constexpr Family kCertificate{"vitalsd_tls_certificate_expiry_timestamp_seconds", Kind::gauge,
                              "When the first certificate of the chain that is served expires, in unixtime; absent "
                              "without TLS.",
                              "seconds"};

struct JobAt {
  const Job& job;
  SteadyTime now;
};
constexpr std::array<Row<JobAt>, 7> kJobRows = {{
    {{"vitalsd_collector_runs_total", Kind::counter, "Runs of the collector.", "", kCollectorLabels},
     [](const JobAt& at) { return static_cast<double>(at.job.facts.runs); }},
    {{"vitalsd_collector_success", Kind::gauge,
      "Whether the collector's last run succeeded; it does where the machine has nothing of what it reads.", "",
      kCollectorLabels},
     [](const JobAt& at) { return at.job.facts.ran ? (at.job.facts.success ? 1.0 : 0.0) : kAbsent; }},
    {{"vitalsd_collector_duration_seconds", Kind::gauge, "How long the collector's last run took.", "seconds",
      kCollectorLabels},
     [](const JobAt& at) { return at.job.facts.ran ? seconds(at.job.facts.duration) : kAbsent; }},
    {{"vitalsd_collector_age_seconds", Kind::gauge, "Age of the collector's newest data.", "seconds", kCollectorLabels},
     [](const JobAt& at) { return at.job.facts.collected ? seconds(at.now - *at.job.facts.collected) : kAbsent; }},
    {{"vitalsd_collector_skipped_total", Kind::counter,
      "Ticks of its configured interval on which the collector did not run: it was late, still running, or took so "
      "much CPU time that it paused.",
      "", kCollectorLabels},
     [](const JobAt& at) { return static_cast<double>(at.job.facts.skipped); }},
    {{"vitalsd_collector_cpu_seconds_total", Kind::counter, "CPU time that the collector's runs took.", "seconds",
      kCollectorLabels},
     [](const JobAt& at) { return seconds(at.job.facts.cpu); }},
    {{"vitalsd_collector_slowdown", Kind::gauge,
      "How many times less often than configured the collector runs, to keep within budget.cpu or because a run takes "
      "much CPU time; absent where there is no budget and the collector keeps its interval.",
      "", kCollectorLabels},
     [](const JobAt& at) { return at.job.slowdown != 0 || at.job.stretch() > 1 ? at.job.stretch() : kAbsent; }},
}};

// Of the registry; described here like all others.
constexpr std::array<std::string_view, 2> kRequestLabels = {"handler", "code"};
constexpr std::array<std::string_view, 2> kReasonLabels = {"collector", "reason"};
constexpr Family kLag{"vitalsd_event_loop_lag_seconds", Kind::histogram,
                      "How late the event loop was for its timer, once a second.", "seconds"};
constexpr Family kRequests{"vitalsd_http_request_duration_seconds", Kind::histogram,
                           "Time from the last byte of a request to the last byte of its answer.", "seconds",
                           kRequestLabels};
constexpr Family kFailures{"vitalsd_collector_failures_total", Kind::counter,
                           "Runs of the collector that failed, by reason.", "", kReasonLabels};
constexpr Family kPartial{"vitalsd_collector_partial_errors_total", Kind::counter,
                          "Values that a run could not read while the rest of it stood, by reason.", "", kReasonLabels};
constexpr std::array<std::string_view, 1> kKindLabels = {"kind"};
constexpr std::array<std::string_view, 1> kCauseLabels = {"cause"};
constexpr Family kEvents{"vitalsd_events_total", Kind::counter,
                         "Things that collectors saw happen: oom_kill, target_ended, pressure.", "", kKindLabels};
constexpr Family kTlsFailures{"vitalsd_tls_connection_failures_total", Kind::counter,
                              "TLS connections that failed, most of them in the handshake."};
constexpr Family kReports{"vitalsd_reports_total", Kind::counter,
                          "Reports of incidents that were kept, by what caused them; see /api/v1/reports.", "",
                          kCauseLabels};

constexpr auto kFamilies =
    family_list<family_total(kBuildInfo, kNodeBuildInfo, kSandbox, kReloadOk, kReloadTime, kWebReload, kCertificate,
                             kLeftOut, kBudget, kWorkers, kWorkersWanted, kNodeSuccess, kNodeDuration, kJobRows, kLag,
                             kRequests, kTlsFailures, kFailures, kPartial, kEvents, kReports)>(
        kBuildInfo, kNodeBuildInfo, kSandbox, kReloadOk, kReloadTime, kWebReload, kCertificate, kLeftOut, kBudget,
        kWorkers, kWorkersWanted, kNodeSuccess, kNodeDuration, kJobRows, kLag, kRequests, kTlsFailures, kFailures,
        kPartial, kEvents, kReports);

template <class Builder>
auto& register_in(prometheus::Registry& registry, Builder builder, const Family& family) {
  return builder.Name(std::string(family.name)).Help(std::string(family.help)).Register(registry);
}

const prometheus::Histogram::BucketBoundaries kLagBuckets = {0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5};
const prometheus::Histogram::BucketBoundaries kRequestBuckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                                 0.025,  0.05,    0.1,    0.5,   1,      5};

}  // namespace

struct Telemetry::Counters {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  RegistryBridge bridge{registry};
  prometheus::Histogram& lag = register_in(*registry, prometheus::BuildHistogram(), kLag).Add({}, kLagBuckets);
  prometheus::Family<prometheus::Histogram>& requests = register_in(*registry, prometheus::BuildHistogram(), kRequests);
  prometheus::Family<prometheus::Counter>& failures = register_in(*registry, prometheus::BuildCounter(), kFailures);
  prometheus::Family<prometheus::Counter>& partial = register_in(*registry, prometheus::BuildCounter(), kPartial);
  prometheus::Family<prometheus::Counter>& events = register_in(*registry, prometheus::BuildCounter(), kEvents);
  prometheus::Counter& tls_failures = register_in(*registry, prometheus::BuildCounter(), kTlsFailures).Add({});
  prometheus::Family<prometheus::Counter>& reports = register_in(*registry, prometheus::BuildCounter(), kReports);
  // The registry finds a metric by building its label map: what is counted often is remembered here.
  std::map<std::pair<std::string_view, unsigned>, prometheus::Histogram*> by_request;
};

Telemetry::Telemetry(const Clock& clock)
    : clock_(clock), counters_(std::make_unique<Counters>()), reload_time_(unix_seconds(clock.now())) {
  // There from the start, so that the first one shows as a rise.
  for (std::size_t i = 0; i < kEventKinds; ++i) {
    const std::string kind(name_of(static_cast<EventKind>(i)));
    counters_->events.Add({{"kind", kind}});
    counters_->reports.Add({{"cause", kind}});
  }
}

Telemetry::~Telemetry() = default;

void Telemetry::request_done(std::string_view handler, unsigned status, std::chrono::nanoseconds took) {
  auto& histogram = counters_->by_request[{handler, status}];
  if (histogram == nullptr) {
    histogram = &counters_->requests.Add({{"handler", std::string(handler)}, {"code", std::to_string(status)}},
                                         kRequestBuckets);
  }
  histogram->Observe(seconds(took));
}

void Telemetry::run_done(const Job& job, const RunReport& report) {
  // That this machine has nothing of it is no failure.
  if (report.error && report.error->code != Errc::unavailable) {
    counters_->failures.Add({{"collector", job.name()}, {"reason", std::string(name_of(report.error->code))}})
        .Increment();
  }
  for (const PartialFault& fault : report.faults) {
    counters_->partial.Add({{"collector", job.name()}, {"reason", std::string(name_of(fault.error.code))}}).Increment();
  }
}

void Telemetry::loop_lag(std::chrono::nanoseconds lag) { counters_->lag.Observe(std::max(0.0, seconds(lag))); }

void Telemetry::reload_done(bool success) {
  collected_.reset();  // the next scrape is to show it
  reload_successful_ = success;
  if (success) reload_time_ = unix_seconds(clock_.now());
}

void Telemetry::web_reload_done(bool success) {
  collected_.reset();
  web_reload_ = success;
}

void Telemetry::certificate(std::optional<std::chrono::sys_seconds> not_after) {
  collected_.reset();
  certificate_ = not_after;
}

void Telemetry::tls_failed() { counters_->tls_failures.Increment(); }

void Telemetry::event(EventKind kind) {
  collected_.reset();  // the next scrape is to show it
  counters_->events.Add({{"kind", std::string(name_of(kind))}}).Increment();
}

void Telemetry::report_kept(EventKind cause) {
  collected_.reset();
  counters_->reports.Add({{"cause", std::string(name_of(cause))}}).Increment();
}

void Telemetry::sandbox(const Sandbox::Report& report) {
  collected_.reset();
  sandbox_ = report;
}

std::shared_ptr<const Block> Telemetry::collect(const Jobs& jobs) {
  if (!spare_ || spare_.use_count() > 1) spare_ = std::make_shared<Block>();
  std::swap(current_, spare_);
  current_->clear();
  BlockSink sink(*current_);
  sink.add(kBuildInfo, {VITALSD_VERSION, VITALSD_REVISION, VITALSD_COMPILER}, 1);
  const auto speaks = [](const auto& one) { return one.second->speaks_for_node_exporter; };
  if (std::ranges::any_of(jobs, speaks)) {
    sink.add(kNodeBuildInfo, {kGoArch, "linux", VITALSD_REVISION, "vitalsd-" VITALSD_VERSION}, 1);
  }
  sink.add(kSandbox, {sandbox_.no_new_privs, sandbox_.capabilities, sandbox_.seccomp, sandbox_.landlock}, 1);
  sink.add(kReloadOk, reload_successful_ ? 1 : 0);
  sink.add(kReloadTime, reload_time_);
  sink.add(kLeftOut, static_cast<double>(left_out_));
  if (budget_ > 0) sink.add(kBudget, budget_);
  sink.add(kWorkers, static_cast<double>(workers_.running));
  sink.add(kWorkersWanted, static_cast<double>(workers_.wanted));
  if (web_reload_) sink.add(kWebReload, *web_reload_ ? 1 : 0);
  if (certificate_) sink.add(kCertificate, static_cast<double>(certificate_->time_since_epoch().count()));
  collected_ = clock_.steady();
  for (const auto& [name, job] : jobs) {
    const std::string_view value = name;
    const LabelId labels = sink.labels(kCollectorLabels, {&value, 1});
    sink.add_rows(kJobRows, JobAt{*job, *collected_}, labels);
    if (job->facts.ran && job->speaks_for_node_exporter) {
      // As there: 0 also where the machine has nothing of it.
      sink.add(kNodeSuccess, labels, job->facts.success && !job->facts.unavailable ? 1 : 0);
      sink.add(kNodeDuration, labels, seconds(job->facts.duration));
    }
  }
  counters_->bridge.collect(sink);
  current_->finish();
  return current_;
}

std::span<const Family* const> Telemetry::families() { return kFamilies; }

}  // namespace vitalsd
