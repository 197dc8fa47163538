// What the output of one run reports: samples, or the state and the performance data of a monitoring plugin.
//   CommandReading reading; if (const std::string fault = reading.read(spec, outcome, faults); !fault.empty()) ...
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collectors/automation/command_spec.h"
#include "collectors/formats/exposition.h"
#include "collectors/formats/perfdata.h"
#include "core/faults.h"

namespace vitalsd {

/// Whether the program has done its work when it ends so.
constexpr bool is_good_exit(OutputFormat format, int exit_code) noexcept {
  constexpr int kUnknown = 3;  // the last of a plugin's states
  return exit_code == 0 || (format == OutputFormat::nagios && exit_code <= kUnknown);
}

/// Does not move: `samples` refers to `text`.
struct CommandReading {
  std::string text;    ///< an exposition, printed or made
  Exposition samples;  ///< of it
  std::optional<int> state;
  std::vector<PerfDatum> perfdata;

  CommandReading() = default;
  CommandReading(const CommandReading&) = delete;
  CommandReading& operator=(const CommandReading&) = delete;

  /// Reads into this, which is empty, the output of a program that ended with an exit code that its format allows; what
  /// is wrong with it, or nothing. Parts that cannot be read while others can are reported to `faults`.
  std::string read(const CommandSpec& spec, int exit_code, std::string_view output, FaultSink& faults);
};

}  // namespace vitalsd
