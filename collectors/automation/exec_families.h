// The families of the collector `exec` itself: how each command fared, and what monitoring plugins report.
#pragma once

#include <sys/wait.h>

#include <cmath>
#include <string_view>

#include "collectors/automation/command_reading.h"
#include "core/family.h"
#include "core/sink.h"

namespace vitalsd {

/// How a command fared. Of its last run, but for the totals.
struct ExecFacts {
  std::string_view name;
  double runs = 0, timeouts = 0;
  bool succeeded = false;
  bool has_ended = false;  ///< it was started, and `status` is how it ended
  int status = 0;
  double duration = kAbsent, output_bytes = kAbsent, last_run = kAbsent;
};

inline constexpr std::array<std::string_view, 1> kExecLabels = {"command"};
inline constexpr std::array<std::string_view, 3> kPerfLabels = {"command", "label", "unit"};
inline constexpr std::array<std::string_view, 2> kPerfCounterLabels = {"command", "label"};
inline constexpr std::array<std::string_view, 5> kThresholdLabels = {"command", "label", "unit", "level", "end"};

inline constexpr std::array kExecRows = {
    Row<ExecFacts>{{"vitalsd_exec_success",
                    Kind::gauge,
                    "Whether the last run of the command succeeded, and its output was understood.",
                    {},
                    kExecLabels},
                   [](const ExecFacts& f) { return f.runs == 0   ? kAbsent
                                                   : f.succeeded ? 1.0
                                                                 : 0.0; }},
    Row<ExecFacts>{
        {"vitalsd_exec_duration_seconds", Kind::gauge, "How long the last run took.", "seconds", kExecLabels},
        [](const ExecFacts& f) { return f.duration; }},
    Row<ExecFacts>{{"vitalsd_exec_exit_code",
                    Kind::gauge,
                    "Exit code of the last run; absent if a signal ended it.",
                    {},
                    kExecLabels},
                   [](const ExecFacts& f) {
                     return f.has_ended && WIFEXITED(f.status) ? static_cast<double>(WEXITSTATUS(f.status)) : kAbsent;
                   }},
    Row<ExecFacts>{
        {"vitalsd_exec_signal", Kind::gauge, "Signal that ended the last run; 0 if none did.", {}, kExecLabels},
        [](const ExecFacts& f) {
          if (!f.has_ended) return kAbsent;
          return WIFSIGNALED(f.status) ? static_cast<double>(WTERMSIG(f.status)) : 0.0;
        }},
    Row<ExecFacts>{
        {"vitalsd_exec_timeouts_total", Kind::counter, "Runs that were ended at their timeout.", {}, kExecLabels},
        [](const ExecFacts& f) { return f.timeouts; }},
    Row<ExecFacts>{{"vitalsd_exec_runs_total", Kind::counter, "Runs that have ended, well or not.", {}, kExecLabels},
                   [](const ExecFacts& f) { return f.runs; }},
    Row<ExecFacts>{{"vitalsd_exec_output_bytes", Kind::gauge, "How much the last run printed.", "bytes", kExecLabels},
                   [](const ExecFacts& f) { return f.output_bytes; }},
    Row<ExecFacts>{
        {"vitalsd_exec_last_run_timestamp_seconds", Kind::gauge, "When the last run ended.", "seconds", kExecLabels},
        [](const ExecFacts& f) { return f.last_run; }},
};

inline constexpr Family kPluginState{"vitalsd_exec_plugin_state",
                                     Kind::gauge,
                                     "State that a monitoring plugin reported: 0 ok, 1 warning, 2 critical, 3 unknown.",
                                     {},
                                     kExecLabels};
inline constexpr Family kPerfValue{"vitalsd_exec_perfdata_value",
                                   Kind::gauge,
                                   "Performance data of a monitoring plugin, in base units.",
                                   {},
                                   kPerfLabels};
inline constexpr Family kPerfCounter{"vitalsd_exec_perfdata_total",
                                     Kind::counter,
                                     "Performance data of a monitoring plugin that it counts up.",
                                     {},
                                     kPerfCounterLabels};
inline constexpr Family kPerfThreshold{
    "vitalsd_exec_perfdata_threshold",
    Kind::gauge,
    "Ends of the range outside of which a monitoring plugin alerts on its performance data.",
    {},
    kThresholdLabels};
inline constexpr Family kPerfLeast{"vitalsd_exec_perfdata_min",
                                   Kind::gauge,
                                   "Least possible value of performance data of a monitoring plugin.",
                                   {},
                                   kPerfLabels};
inline constexpr Family kPerfMost{"vitalsd_exec_perfdata_max",
                                  Kind::gauge,
                                  "Greatest possible value of performance data of a monitoring plugin.",
                                  {},
                                  kPerfLabels};

inline constexpr auto kExecFamilies =
    family_list<family_total(kExecRows, kPluginState, kPerfValue, kPerfCounter, kPerfThreshold, kPerfLeast, kPerfMost)>(
        kExecRows, kPluginState, kPerfValue, kPerfCounter, kPerfThreshold, kPerfLeast, kPerfMost);

/// All of them for one command.
void publish_exec(Sink& sink, const ExecFacts& facts, const CommandReading& reading);

}  // namespace vitalsd
