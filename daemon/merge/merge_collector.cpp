#include "daemon/merge/merge_collector.h"

#include <array>
#include <utility>

#include "core/named_families.h"

namespace vitalsd {
namespace {

constexpr std::array kOptions = {
    OptionSpec{.name = "sources",
               .type = OptionType::records,
               .default_value = "",
               .help = "Other endpoints whose metrics are passed on, so that one port serves them all. A source that "
                       "does not answer ends its series; timestamps of samples are left out.",
               .fields = kMergeFields,
               .enables = true},
};

constexpr std::array<std::string_view, 1> kLabels = {"source"};
constexpr std::array<std::string_view, 2> kReasonLabels = {"source", "reason"};

struct Shown {
  const MergeState& state;
  double series;
};
constexpr std::array kRows = {
    Row<Shown>{
        {"vitalsd_merge_up", Kind::gauge, "Whether the source answered, and its answer was understood.", {}, kLabels},
        [](const Shown& s) { return s.state.known ? (s.state.content ? 1.0 : 0.0) : kAbsent; }},
    Row<Shown>{{"vitalsd_merge_duration_seconds", Kind::gauge, "How long the last request took.", "seconds", kLabels},
               [](const Shown& s) { return s.state.duration; }},
    Row<Shown>{{"vitalsd_merge_series", Kind::gauge, "Series of the source that are passed on.", {}, kLabels},
               [](const Shown& s) { return s.state.known ? s.series : kAbsent; }},
};
constexpr Family kLeftOut{
    "vitalsd_merge_left_out_series",
    Kind::gauge,
    "Series of the source that are not passed on: the daemon has a family of the name (own_name), "
    "another source has one of another type (type), or the series is there already (duplicate).",
    {},
    kReasonLabels};
constexpr Family kFailures{"vitalsd_merge_failures_total",
                           Kind::counter,
                           "Requests that failed, by the reason, of those that occurred.",
                           {},
                           kReasonLabels};
constexpr auto kFamilies = family_list<family_total(kRows, kLeftOut, kFailures)>(kRows, kLeftOut, kFailures);

constexpr auto kRemembered = families_named(kFamilies, {"vitalsd_merge_up"});

const Registration kRegistration{{.name = kMergeCollector,
                                  .enabled = false,
                                  .help = "The metrics of other endpoints, passed on.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .make = make_configured<MergeCollector>}};

MergeBoard::Specs shared(std::vector<MergeSpec> specs) {
  MergeBoard::Specs all;
  for (MergeSpec& spec : specs) all.push_back(std::make_shared<const MergeSpec>(std::move(spec)));
  return all;
}

}  // namespace

MergeCollector::MergeCollector(const Options& options)
    : board_(std::make_shared<MergeBoard>(shared(read_merge_specs(options.records("sources"))))) {}

Result<void> MergeCollector::collect(CollectContext& context, Sink& sink) {
  // So that the first scrape, and --once, has what answers quickly.
  if (std::exchange(is_first_, false)) {
    const auto now = std::chrono::steady_clock::now();
    board_->await_first(now + (context.deadline - now) * 3 / 4, context.stop);
  }
  const MergeBoard::View view = board_->view();
  const auto& specs = board_->specs();
  if (view.version != version_) {
    std::vector<MergeFamilies::Input> inputs;
    for (std::size_t i = 0; i < specs.size(); ++i) inputs.push_back({specs[i], view.states[i].content});
    families_.rebuild(std::move(inputs), *view.neighbours, context.faults);
    version_ = view.version;
  }
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const std::string& name = specs[i]->fetch.name;
    const double series = families_.series().empty() ? 0 : families_.series()[i];
    sink.add_rows(kRows, Shown{view.states[i], series}, sink.labels(kLabels, std::array<std::string_view, 1>{name}));
    for (const auto& [reason, count] : view.states[i].failures) {
      sink.add(kFailures, {name, reason}, static_cast<double>(count));
    }
    if (!view.states[i].content) continue;
    const MergeLosses& losses = families_.losses()[i];
    sink.add(kLeftOut, {name, "own_name"}, losses.own_name);
    sink.add(kLeftOut, {name, "type"}, losses.type);
    sink.add(kLeftOut, {name, "duplicate"}, losses.duplicate);
  }
  families_.publish(sink);
  return {};
}

std::shared_ptr<MergeBoard> merge_board_of(const Jobs& jobs) {
  const auto job = jobs.find(kMergeCollector);
  if (job == jobs.end()) return nullptr;
  const auto* collector = dynamic_cast<const MergeCollector*>(&job->second->collector());
  return collector == nullptr ? nullptr : collector->board();
}

}  // namespace vitalsd
