#include <array>

#include "collectors/formats/proc_stat.h"
#include "core/collector.h"
#include "core/named_families.h"

namespace vitalsd {
namespace {

double value_of(const std::optional<std::uint64_t>& count) { return count ? static_cast<double>(*count) : kAbsent; }

constexpr std::array kRows = {
    Row<StatTotals>{{"node_intr_total", Kind::counter, "Total number of interrupts serviced."},
                    [](const StatTotals& s) { return value_of(s.interrupts); }},
    Row<StatTotals>{{"node_context_switches_total", Kind::counter, "Total number of context switches."},
                    [](const StatTotals& s) { return value_of(s.context_switches); }},
    Row<StatTotals>{{"node_forks_total", Kind::counter, "Total number of forks."},
                    [](const StatTotals& s) { return value_of(s.forks); }},
    Row<StatTotals>{{"node_boot_time_seconds", Kind::gauge, "Node boot time, in unixtime.", "seconds"},
                    [](const StatTotals& s) { return value_of(s.boot_time); }},
    Row<StatTotals>{{"node_procs_running", Kind::gauge, "Number of processes in runnable state."},
                    [](const StatTotals& s) { return value_of(s.running); }},
    Row<StatTotals>{{"node_procs_blocked", Kind::gauge, "Number of processes blocked waiting for I/O to complete."},
                    [](const StatTotals& s) { return value_of(s.blocked); }},
};
constexpr std::array<std::string_view, 1> kLabels = {"vector"};
constexpr Family kSoftirqs{"node_softirqs_total", Kind::counter, "Number of softirq calls.", {}, kLabels};
constexpr auto kFamilies = family_list<family_total(kRows, kSoftirqs)>(kRows, kSoftirqs);
constexpr auto kRemembered =
    families_named(kFamilies, {"node_procs_running", "node_procs_blocked", "node_context_switches_total"});

constexpr std::array<std::string_view, StatTotals::kVectors> kVectors = {
    "hi", "timer", "net_tx", "net_rx", "block", "block_iopoll", "tasklet", "sched", "hrtimer", "rcu"};

constexpr std::array kOptions = {
    OptionSpec{"softirq", OptionType::boolean, "false", "Report softirq calls by vector."},
};

class StatCollector final : public Collector {
 public:
  explicit StatCollector(const Options& options) : softirq_(options.flag("softirq")) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("stat", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    const auto totals = proc_stat::parse_totals(*text, context.faults);
    if (!totals) return fail(totals.error());
    sink.add_rows(kRows, *totals);
    for (std::size_t i = 0; softirq_ && i < totals->vectors; ++i) {
      sink.add(kSoftirqs, {kVectors[i]}, static_cast<double>(totals->softirqs[i]));
    }
    return {};
  }

 private:
  bool softirq_;
};

const Registration kRegistration{{.name = "stat",
                                  .help = "Interrupts, context switches, forks and boot time from /proc/stat.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .never_waits = true,
                                  .make = make_configured<StatCollector>}};

}  // namespace
}  // namespace vitalsd
