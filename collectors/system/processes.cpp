// Counts processes and threads by state over all of /proc. Off by default, because it reads at least one file per
// process.
#include <array>
#include <string>

#include "collectors/formats/pid/pid_stat.h"
#include "collectors/kit/digits.h"
#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kState = {"state"};
constexpr std::array<std::string_view, 1> kThreadState = {"thread_state"};

struct Totals {
  double processes = 0, threads = 0, most_threads = kAbsent, most_processes = kAbsent;
};
constexpr std::array kRows = {
    Row<Totals>{{"node_processes_threads", Kind::gauge, "Allocated threads in system"},
                [](const Totals& t) { return t.threads; }},
    Row<Totals>{{"node_processes_max_threads", Kind::gauge, "Limit of threads in the system"},
                [](const Totals& t) { return t.most_threads; }},
    Row<Totals>{{"node_processes_pids", Kind::gauge, "Number of PIDs"}, [](const Totals& t) { return t.processes; }},
    Row<Totals>{{"node_processes_max_processes", Kind::gauge, "Number of max PIDs limit"},
                [](const Totals& t) { return t.most_processes; }},
};
constexpr Family kStates{"node_processes_state", Kind::gauge, "Number of processes in each state.", {}, kState};
constexpr Family kThreadStates{
    "node_processes_threads_state", Kind::gauge, "Number of threads in each state.", {}, kThreadState};
constexpr auto kFamilies = family_list<family_total(kRows, kStates, kThreadStates)>(kRows, kStates, kThreadStates);

/// Counts how often each letter was seen.
class Letters {
 public:
  void count(char letter) { ++counts_[static_cast<unsigned char>(letter)]; }
  void publish(const Family& family, Sink& sink) const {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] == 0) continue;
      const auto letter = static_cast<char>(i);
      sink.add(family, {std::string_view(&letter, 1)}, counts_[i]);
    }
  }

 private:
  std::array<std::uint32_t, 256> counts_{};
};

class ProcessesCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& procfs = *context.host.procfs;
    if (const auto listed = procfs.directories("", pids_); !listed) return fail(listed.error());
    Totals totals;
    Letters states, thread_states;
    for (std::size_t i = 0; i < pids_.size() && !context.stop.stop_requested(); ++i) {
      if (!is_digits(pids_[i])) continue;
      const auto stat = read_stat(context, path_.assign(pids_[i]).append("/stat"), pids_[i]);
      if (!stat) continue;
      ++totals.processes;
      states.count(stat->state);
      totals.threads += static_cast<double>(stat->num_threads);
      // The state of a single thread is that of the process, so nothing more is read.
      if (stat->num_threads <= 1) {
        thread_states.count(stat->state);
      } else {
        count_threads(context, pids_[i], thread_states);
      }
    }
    if (context.stop.stop_requested()) return fail(Errc::timed_out, "processes");
    if (totals.processes == 0) return fail(Errc::unavailable, "PID/stat");
    totals.most_threads = limit(context, "sys/kernel/threads-max");
    totals.most_processes = limit(context, "sys/kernel/pid_max");
    sink.add_rows(kRows, totals);
    states.publish(kStates, sink);
    thread_states.publish(kThreadStates, sink);
    return {};
  }

 private:
  Result<PidStat> read_stat(CollectContext& context, const std::string& path, std::string_view pid) {
    const auto text = context.host.procfs->read(path, context.buffer);
    if (!text) return fail(text.error());  // it has ended, or is hidden from us
    const auto stat = pid_stat::parse(*text);
    if (!stat) context.faults.partial(pid, "stat", stat.error(), {});
    return stat;
  }

  void count_threads(CollectContext& context, std::string_view pid, Letters& states) {
    path_.assign(pid).append("/task");
    if (!context.host.procfs->directories(path_, tids_)) return;
    for (std::size_t i = 0; i < tids_.size(); ++i) {
      path_.assign(pid).append("/task/").append(tids_[i]).append("/stat");
      if (const auto stat = read_stat(context, path_, pid)) states.count(stat->state);
    }
  }

  static double limit(CollectContext& context, std::string_view path) {
    const auto text = context.host.procfs->attribute(path, context.buffer);
    const auto value = text ? parse_number<std::uint64_t>(*text, path) : Result<std::uint64_t>(fail(text.error()));
    if (value) return static_cast<double>(*value);
    if (!is_gone(value.error())) context.faults.partial("processes", path, value.error(), {});
    return kAbsent;
  }

  Names pids_, tids_;
  std::string path_;
};

const Registration kRegistration{{.name = "processes",
                                  .enabled = false,
                                  .help = "Processes and threads of the host by state.",
                                  .families = kFamilies,
                                  .make = make_collector<ProcessesCollector>}};

}  // namespace
}  // namespace vitalsd
