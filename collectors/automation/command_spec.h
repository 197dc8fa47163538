// What the user asked to run: one record of collectors.exec.commands, checked.
//   {name: queue, command: [/usr/local/bin/queue-length], interval: 30s, format: number, metric: queue_length}
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/options.h"

namespace vitalsd {

/// How the output of a command is read. The order is that of the words in command_spec.cpp.
enum class OutputFormat : std::uint8_t { prometheus, number, json, nagios };

inline constexpr std::array<RecordField, 19> kCommandFields = {{
    {"command", "The program's absolute path and its arguments, a list. No shell takes part.", true},
    {"interval", "Time from one run's start to the next (1m). A command never runs twice at a time."},
    {"timeout", "How long a run may take (10s). Then the whole process group gets SIGTERM."},
    {"grace", "Time from SIGTERM to SIGKILL (2s)."},
    {"environment", "The whole environment, as a mapping of names to values. There is no PATH unless it is given.",
     true, true, true},
    {"directory", "Working directory (/)."},
    {"user",
     "User that it runs as: a name of /etc/passwd, UID or UID:GID, without further groups. Takes CAP_SETUID, "
     "CAP_SETGID and CAP_KILL."},
    {"nice", "Scheduling priority, 0 to 19 (0)."},
    {"limits",
     "Resource limits, soft and hard, as a mapping: as, core, cpu (seconds), data, fsize, memlock, nofile, nproc, "
     "stack.",
     true, true},
    {"umask", "File mode creation mask, octal (022)."},
    {"format", "What it prints: prometheus (exposition text), number, json or nagios (prometheus)."},
    {"metric", "Of the format number: the metric's name. One that ends in _total is a counter."},
    {"values", "Of the format json: a mapping of metric names to JSON pointers (RFC 6901).", true, true},
    {"labels", "Labels of all that it reports, as a mapping.", true, true},
    {"on_failure",
     "Whether the values of the last good run are kept or dropped after a failed one: keep, drop (drop)."},
    {"output_limit", "How much it may print; a run that prints more is ended and has failed (1Mi)."},
    {"writes", "Directories that it may write to where the daemon is restricted by Landlock; else /dev/null alone.",
     true},
    {"series", "How many series it may report (1000)."},
    {"help", "Of the formats number and json: HELP of its metrics."},
}};

/// A user to become; supplementary groups are dropped.
struct CommandUser {
  uid_t uid = 0;
  gid_t gid = 0;
};

struct CommandSpec {
  std::string name;
  std::vector<std::string> arguments;    ///< the first is the program's absolute path
  std::vector<std::string> environment;  ///< NAME=VALUE
  std::string directory = "/";
  std::optional<CommandUser> user;
  std::vector<std::pair<int, rlim_t>> limits;
  int nice = 0;
  mode_t umask = 022;
  std::chrono::nanoseconds interval = std::chrono::minutes(1);
  std::chrono::nanoseconds timeout = std::chrono::seconds(10);
  std::chrono::nanoseconds grace = std::chrono::seconds(2);
  std::size_t output_limit = std::size_t{1} << 20U;
  std::size_t series = 1000;
  OutputFormat format = OutputFormat::prometheus;
  std::string metric;                                       ///< of OutputFormat::number
  std::vector<std::pair<std::string, std::string>> values;  ///< of OutputFormat::json: metric, pointer
  std::vector<std::pair<std::string, std::string>> labels;  ///< sorted by name
  std::string help;
  bool keeps_values = false;  ///< of the last good run
};

/// Checks the records. Throws OptionError("commands[N]") that names the command and what to do.
std::vector<CommandSpec> read_command_specs(const std::vector<Record>& records);

/// Whether any of the records names a user. For records that may not have been checked.
bool names_user(const std::vector<Record>& records);

}  // namespace vitalsd
