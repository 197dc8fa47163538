// How long tasks ran and waited on each CPU (/proc/schedstat, Documentation/scheduler/sched-stats.rst).
#include <array>
#include <string>

#include "core/collector.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"cpu"};

struct CpuTimes {
  double running = 0, waiting = 0, timeslices = 0;
};
constexpr std::array kRows = {
    Row<CpuTimes>{{"node_schedstat_running_seconds_total", Kind::counter,
                   "Number of seconds CPU spent running a process.", "seconds", kLabels},
                  [](const CpuTimes& c) { return c.running; }},
    Row<CpuTimes>{{"node_schedstat_waiting_seconds_total", Kind::counter,
                   "Number of seconds spent by processing waiting for this CPU.", "seconds", kLabels},
                  [](const CpuTimes& c) { return c.waiting; }},
    Row<CpuTimes>{
        {"node_schedstat_timeslices_total", Kind::counter, "Number of timeslices executed by CPU.", {}, kLabels},
        [](const CpuTimes& c) { return c.timeslices; }},
};
constexpr auto kFamilies = family_list<family_total(kRows)>(kRows);
constexpr int kFieldsBefore = 6;  // of the run queue; the three times follow

class SchedstatCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("schedstat", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    Lines lines(*text, "schedstat", context.faults);
    while (lines.next()) {
      const std::string_view word = lines->word();
      if (!word.starts_with("cpu")) {
        lines.skip();  // version, timestamp, or a domain of the CPU above
        continue;
      }
      for (int i = 0; i < kFieldsBefore; ++i) lines->word();
      CpuTimes times;
      times.running = static_cast<double>(lines->integer()) / 1e9;
      times.waiting = static_cast<double>(lines->integer()) / 1e9;
      times.timeslices = static_cast<double>(lines->integer());
      if (!lines.keep()) continue;
      const std::array values = {word.substr(3)};
      sink.add_rows(kRows, times, sink.labels(kLabels, values));
    }
    return lines.result();
  }
};

const Registration kRegistration{{.name = "schedstat",
                                  .help = "Running and waiting time of tasks by CPU.",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<SchedstatCollector>}};

}  // namespace
}  // namespace vitalsd
