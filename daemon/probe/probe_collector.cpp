#include "daemon/probe/probe_collector.h"

#include <array>
#include <cmath>
#include <utility>

#include "core/named_families.h"
#include "core/native_samples.h"

namespace vitalsd {
namespace {

constexpr std::array kOptions = {
    OptionSpec{.name = "targets",
               .type = OptionType::records,
               .default_value = "",
               .help =
                   "What to probe, each at its own interval: HTTP and HTTPS, TCP, TLS and Unix sockets. Nothing waits "
                   "for a probe, and each ends at its own timeout.",
               .fields = kProbeFields,
               .enables = true},
};

constexpr std::array<std::string_view, 2> kLabels = {"probe", "target"};
constexpr std::array<std::string_view, 3> kVersionLabels = {"probe", "target", "version"};
constexpr std::array<std::string_view, 3> kHttpPhaseLabels = {"probe", "target", "phase"};
constexpr std::array<std::string_view, 2> kPhaseLabels = {"probe", "phase"};
constexpr std::array<std::string_view, 3> kBucketLabels = {"probe", "phase", "le"};
constexpr std::array<std::string_view, 2> kReasonLabels = {"probe", "reason"};

struct Shown {
  const ProbeSpec& spec;
  const ProbeOutcome& last;
  bool is_http() const { return spec.kind == ProbeKind::http; }
};
double truth(bool value) { return value ? 1 : 0; }

// The names, types and HELP are those of blackbox_exporter.
constexpr std::array kRows = {
    Row<Shown>{{"probe_success", Kind::gauge, "Displays whether or not the probe was a success", {}, kLabels},
               [](const Shown& s) { return truth(s.last.succeeded()); }},
    Row<Shown>{{"probe_duration_seconds", Kind::gauge, "Returns how long the probe took to complete in seconds",
                "seconds", kLabels},
               [](const Shown& s) { return s.last.duration; }},
    Row<Shown>{{"probe_dns_lookup_time_seconds", Kind::gauge, "Returns the time taken for probe dns lookup in seconds",
                "seconds", kLabels},
               [](const Shown& s) { return s.last.phases[0]; }},
    Row<Shown>{{"probe_ip_protocol", Kind::gauge, "Specifies whether probe ip protocol is IP4 or IP6", {}, kLabels},
               [](const Shown& s) { return s.last.ip_protocol; }},
    Row<Shown>{{"probe_http_status_code", Kind::gauge, "Response HTTP status code", {}, kLabels},
               [](const Shown& s) { return s.last.status; }},
    Row<Shown>{{"probe_http_content_length", Kind::gauge, "Length of http content response", {}, kLabels},
               [](const Shown& s) { return s.last.content_length; }},
    Row<Shown>{
        {"probe_http_uncompressed_body_length", Kind::gauge, "Length of uncompressed response body", {}, kLabels},
        [](const Shown& s) { return s.last.body_bytes; }},
    Row<Shown>{{"probe_http_redirects", Kind::gauge, "The number of redirects", {}, kLabels},
               [](const Shown& s) { return s.is_http() ? s.last.redirects : kAbsent; }},
    Row<Shown>{{"probe_http_ssl", Kind::gauge, "Indicates if SSL was used for the final redirect", {}, kLabels},
               [](const Shown& s) { return s.is_http() ? truth(s.last.https) : kAbsent; }},
    Row<Shown>{{"probe_http_version", Kind::gauge, "Returns the version of HTTP of the probe response", {}, kLabels},
               [](const Shown& s) { return s.last.http_version; }},
    Row<Shown>{
        {"probe_ssl_earliest_cert_expiry", Kind::gauge, "Returns last SSL chain expiry in unixtime", {}, kLabels},
        [](const Shown& s) { return s.last.certificate_expiry; }},
    Row<Shown>{{"probe_failed_due_to_regex", Kind::gauge, "Indicates if probe failed due to regex", {}, kLabels},
               [](const Shown& s) {
                 const bool regex = s.last.fault == ProbeFault::body || s.last.fault == ProbeFault::expect;
                 return s.is_http() || s.spec.expect ? truth(regex) : kAbsent;
               }},
};
constexpr Family kHttpDuration{"probe_http_duration_seconds", Kind::gauge,
                               "Duration of http request by phase, summed over all redirects", "seconds",
                               kHttpPhaseLabels};
constexpr Family kTlsVersion{
    "probe_tls_version_info", Kind::gauge, "Returns the TLS version used or NaN when unknown", {}, kVersionLabels};
constexpr Family kPhase{"vitalsd_probe_phase_duration_seconds", Kind::histogram,
                        "How long the phases of the probe took, of those that were finished.", "seconds", kPhaseLabels};
constexpr Family kFailures{
    "vitalsd_probe_failures_total", Kind::counter, "Probes that failed, by the reason.", {}, kReasonLabels};
constexpr auto kFamilies = family_list<family_total(kRows, kHttpDuration, kTlsVersion, kPhase, kFailures)>(
    kRows, kHttpDuration, kTlsVersion, kPhase, kFailures);

constexpr auto kRemembered = families_named(kFamilies, {"probe_success", "probe_duration_seconds"});

// Which kinds of probes can fail for a reason, as bits of ProbeKind.
constexpr unsigned kHttp = 1, kTcp = 2, kTls = 4, kLocal = 8;
constexpr std::array<unsigned, kProbeFaults.size()> kPossible = {
    0,                             // none
    kHttp | kTls,                  // file
    kHttp | kTcp | kTls,           // resolve
    kHttp | kTcp | kTls | kLocal,  // connect
    kHttp | kTls,                  // tls
    kHttp | kTcp | kTls | kLocal,  // timeout
    kHttp | kTcp | kTls | kLocal,  // closed
    kHttp | kTcp | kTls | kLocal,  // io
    kHttp,                         // malformed
    kHttp,                         // too_large
    kHttp,                         // redirects
    kHttp,                         // status
    kHttp,                         // body
    kTcp | kTls | kLocal,          // expect
};

// Classic buckets at powers of two, which are boundaries of the native histogram, too: 1 ms to 16 s.
struct Bound {
  int exponent;
  std::string_view text;
};
constexpr Bound kBounds[] = {{-10, "0.0009765625"},
                             {-8, "0.00390625"},
                             {-6, "0.015625"},
                             {-5, "0.03125"},
                             {-4, "0.0625"},
                             {-3, "0.125"},
                             {-2, "0.25"},
                             {-1, "0.5"},
                             {0, "1"},
                             {1, "2"},
                             {2, "4"},
                             {3, "8"},
                             {4, "16"}};

double number(std::uint64_t value) { return static_cast<double>(value); }

void add_phases(Sink& sink, const ProbeSpec& spec, const ProbeFacts& facts) {
  for (std::size_t i = 0; i < kProbePhases.size(); ++i) {
    const NativeHistogram& histogram = facts.phases[i];
    if (histogram.count() == 0) continue;
    const auto bucket = [&](std::string_view bound) {
      return sink.labels(kBucketLabels, std::array<std::string_view, 3>{spec.name, kProbePhases[i], bound});
    };
    for (const auto& [exponent, text] : kBounds) {
      sink.add(kPhase, bucket(text), number(histogram.cumulative(exponent)), Part::bucket);
    }
    const LabelId plain = sink.labels(kPhaseLabels, std::array<std::string_view, 2>{spec.name, kProbePhases[i]});
    sink.add(kPhase, bucket("+Inf"), number(histogram.count()), Part::bucket);
    sink.add(kPhase, plain, histogram.sum(), Part::sum);
    sink.add(kPhase, plain, number(histogram.count()), Part::count);
    add_native(sink, kPhase, plain, histogram);
  }
}

void publish(Sink& sink, const ProbeSpec& spec, const ProbeFacts& facts) {
  for (std::size_t i = 0; i < kProbeFaults.size(); ++i) {
    const bool possible = (kPossible[i] >> static_cast<unsigned>(spec.kind) & 1U) != 0;
    if (possible) sink.add(kFailures, {spec.name, kProbeFaults[i]}, number(facts.failures[i]));
  }
  add_phases(sink, spec, facts);
  if (!facts.last) return;
  const Shown shown{spec, *facts.last};
  sink.add_rows(kRows, shown, sink.labels(kLabels, std::array<std::string_view, 2>{spec.name, spec.shown}));
  if (!facts.last->tls_version.empty()) sink.add(kTlsVersion, {spec.name, spec.shown, facts.last->tls_version}, 1);
  if (!shown.is_http()) return;
  for (std::size_t i = 0; i < kProbePhases.size(); ++i) {
    const double time = facts.last->phases[i];
    if (!std::isnan(time)) sink.add(kHttpDuration, {spec.name, spec.shown, kProbePhases[i]}, time);
  }
}

ProbeBoard::Specs shared(std::vector<ProbeSpec> specs) {
  ProbeBoard::Specs all;
  for (ProbeSpec& spec : specs) all.push_back(std::make_shared<const ProbeSpec>(std::move(spec)));
  return all;
}

const Registration kRegistration{{.name = "probe",
                                  .enabled = false,
                                  .help = "Whether HTTP, TCP, TLS and Unix sockets answer, and how fast.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .make = make_configured<ProbeCollector>}};

}  // namespace

ProbeCollector::ProbeCollector(const Options& options)
    : board_(std::make_shared<ProbeBoard>(shared(read_probe_specs(options.records("targets"))))) {}

Result<void> ProbeCollector::collect(CollectContext& context, Sink& sink) {
  // So that the first scrape, and --once, has what quick probes found.
  if (std::exchange(is_first_, false)) {
    const auto now = std::chrono::steady_clock::now();
    board_->await_first(now + (context.deadline - now) * 3 / 4, context.stop);
  }
  const auto facts = board_->facts();
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (facts[i]) publish(sink, *board_->specs()[i], *facts[i]);
  }
  return {};
}

std::shared_ptr<ProbeBoard> board_of(const Jobs& jobs) {
  const auto job = jobs.find("probe");
  if (job == jobs.end()) return nullptr;
  const auto* collector = dynamic_cast<const ProbeCollector*>(&job->second->collector());
  return collector == nullptr ? nullptr : collector->board();
}

}  // namespace vitalsd
