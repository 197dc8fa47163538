#include "collectors/process/targets/target_values.h"

#include <array>

#include "collectors/kit/digits.h"
#include "core/named_families.h"

namespace vitalsd {
namespace {

using Values = TargetValues;
using Label = std::string_view;

constexpr std::array<Label, 1> kTarget = {"target"};
constexpr std::array<Label, 2> kTargetMode = {"target", "mode"};
constexpr std::array<Label, 2> kTargetType = {"target", "type"};
constexpr std::array<Label, 2> kTargetState = {"target", "state"};
constexpr std::array<Label, 2> kTargetReason = {"target", "reason"};
constexpr std::array<Label, 3> kTargetField = {"target", "field", "reason"};
constexpr std::array<Label, 7> kTargetInfo = {"target", "pid", "ppid", "exe", "cwd", "user", "command"};

// Published whether or not the target is up.
constexpr Family kUp = {
    "vitalsd_target_up",
    Kind::gauge,
    "Whether the watched process is alive; 0 also for a zombie, absent when the kernel does not let us look.",
    {},
    kTarget};
constexpr Family kMatches = {
    "vitalsd_target_matches",
    Kind::gauge,
    "Processes that the target's selector fits, as of the last look at all processes (once a minute, "
    "and each round while the target is not up); the oldest without a fitting parent is the target.",
    {},
    kTarget};
constexpr Family kRestarts = {"vitalsd_target_restarts_total",
                              Kind::counter,
                              "Times that another process took the target's place since it was first seen.",
                              {},
                              kTarget};
constexpr Family kExits = {"vitalsd_target_exits_total",
                           Kind::counter,
                           "Ends of the target's processes that were seen, by exit code or signal; unknown where the "
                           "kernel does not report it.",
                           {},
                           kTargetReason};
// Published for a process that is up or a zombie.
constexpr Family kPid = {"vitalsd_target_pid", Kind::gauge, "Process id of the target.", {}, kTarget};
constexpr Family kStart = {
    "vitalsd_target_start_time_seconds", Kind::gauge,
    "Start of the target's process, in seconds since the epoch, as of the clock when it was found.", "seconds",
    kTarget};
constexpr Family kState = {"vitalsd_target_state",
                           Kind::gauge,
                           "Always 1; the scheduling state of the target's first thread.",
                           {},
                           kTargetState};
constexpr Family kInfo = {"vitalsd_target_info",
                          Kind::gauge,
                          "Always 1; the labels describe the target, empty where they cannot be read.",
                          {},
                          kTargetInfo};
constexpr Family kUnreadable = {"vitalsd_target_unreadable",
                                Kind::gauge,
                                "Always 1; what could not be read of the target, and why.",
                                {},
                                kTargetField};

constexpr std::array kRows = {
    Row<Values>{{"vitalsd_target_run_delay_seconds_total", Kind::counter,
                 "Time that the target's first thread waited for a CPU while ready to run.", "seconds", kTarget},
                [](const Values& v) { return v.run_delay; }},
    Row<Values>{{"vitalsd_target_resident_peak_bytes", Kind::gauge, "Most memory of the target that was ever resident.",
                 "bytes", kTarget},
                [](const Values& v) { return v.peak; }},
    Row<Values>{{"vitalsd_target_virtual_bytes", Kind::gauge, "Address space of the target.", "bytes", kTarget},
                [](const Values& v) { return v.virtual_memory; }},
    Row<Values>{{"vitalsd_target_swap_bytes", Kind::gauge, "Anonymous memory of the target that is swapped out.",
                 "bytes", kTarget},
                [](const Values& v) { return v.swap; }},
    Row<Values>{{"vitalsd_target_data_bytes", Kind::gauge,
                 "Private writable address space of the target without stacks: heap and data.", "bytes", kTarget},
                [](const Values& v) { return v.data; }},
    Row<Values>{{"vitalsd_target_open_fds", Kind::gauge, "Open file descriptors of the target.", {}, kTarget},
                [](const Values& v) { return v.open_fds; }},
    Row<Values>{
        {"vitalsd_target_max_fds", Kind::gauge, "Soft limit of the target's open file descriptors.", {}, kTarget},
        [](const Values& v) { return v.max_fds; }},
    Row<Values>{{"vitalsd_target_threads", Kind::gauge, "Threads of the target.", {}, kTarget},
                [](const Values& v) { return v.threads; }},
    Row<Values>{{"vitalsd_target_read_bytes_total", Kind::counter, "Bytes that the target had fetched from storage.",
                 "bytes", kTarget},
                [](const Values& v) { return v.storage_read; }},
    Row<Values>{{"vitalsd_target_write_bytes_total", Kind::counter,
                 "Bytes that the target caused to be written to storage, counted when they enter the page cache.",
                 "bytes", kTarget},
                [](const Values& v) { return v.storage_written; }},
    Row<Values>{{"vitalsd_target_syscall_read_bytes_total", Kind::counter,
                 "Bytes that read calls gave to the target, from storage, cache, pipes, sockets or terminals.", "bytes",
                 kTarget},
                [](const Values& v) { return v.calls_read; }},
    Row<Values>{{"vitalsd_target_syscall_write_bytes_total", Kind::counter,
                 "Bytes that the target gave to write calls, to files, pipes, sockets or terminals.", "bytes", kTarget},
                [](const Values& v) { return v.calls_written; }},
    Row<Values>{{"vitalsd_target_oom_score",
                 Kind::gauge,
                 "How likely the kernel is to kill the target when memory runs out, 0 to 2000.",
                 {},
                 kTarget},
                [](const Values& v) { return v.oom_score; }},
    Row<Values>{{"vitalsd_target_oom_score_adj",
                 Kind::gauge,
                 "What was set to be added to the target's oom score, -1000 (never killed) to 1000.",
                 {},
                 kTarget},
                [](const Values& v) { return v.oom_score_adj; }},
};

constexpr Family kCpu = {"vitalsd_target_cpu_seconds_total", Kind::counter,
                         "CPU time of the target's threads, its children apart.", "seconds", kTargetMode};
constexpr Family kResident = {
    "vitalsd_target_resident_bytes", Kind::gauge,
    "Resident memory of the target: anonymous, of mapped files, and shared (tmpfs, System V).", "bytes", kTargetType};
constexpr Family kSwitches = {"vitalsd_target_context_switches_total",
                              Kind::counter,
                              "Context switches of the target's first thread.",
                              {},
                              kTargetType};
constexpr Family kFaults = {"vitalsd_target_page_faults_total",
                            Kind::counter,
                            "Page faults of the target's threads: major ones waited for storage, minor ones did not.",
                            {},
                            kTargetType};

// A row per value of the second label.
struct LabelledRow {
  const Family* family;
  Label value;
  double Values::* member;
};
constexpr std::array<LabelledRow, 9> kLabelledRows = {{
    {&kCpu, "user", &Values::cpu_user},
    {&kCpu, "system", &Values::cpu_system},
    {&kResident, "anonymous", &Values::anonymous},
    {&kResident, "file", &Values::file},
    {&kResident, "shared", &Values::shared},
    {&kSwitches, "voluntary", &Values::voluntary},
    {&kSwitches, "nonvoluntary", &Values::nonvoluntary},
    {&kFaults, "minor", &Values::minor},
    {&kFaults, "major", &Values::major},
}};

constexpr auto kFamilies = family_list<family_total(kUp, kMatches, kRestarts, kExits, kPid, kStart, kState, kInfo,
                                                    kUnreadable, kRows, kCpu, kResident, kSwitches, kFaults)>(
    kUp, kMatches, kRestarts, kExits, kPid, kStart, kState, kInfo, kUnreadable, kRows, kCpu, kResident, kSwitches,
    kFaults);
constexpr auto kRemembered =
    families_named(kFamilies, {"vitalsd_target_cpu_seconds_total", "vitalsd_target_max_fds", "vitalsd_target_open_fds",
                               "vitalsd_target_run_delay_seconds_total", "vitalsd_target_resident_bytes",
                               "vitalsd_target_swap_bytes", "vitalsd_target_threads", "vitalsd_target_up"});

// Letters of fs/proc/array.c task_state_array[].
constexpr std::array<std::pair<char, Label>, 9> kStates = {{{'R', "running"},
                                                            {'S', "sleeping"},
                                                            {'D', "disk_sleep"},
                                                            {'T', "stopped"},
                                                            {'t', "tracing_stop"},
                                                            {'Z', "zombie"},
                                                            {'X', "dead"},
                                                            {'P', "parked"},
                                                            {'I', "idle"}}};

void publish_process(Sink& sink, const Target& target, LabelId labels) {
  sink.add(kPid, labels, target.process.pid);
  if (target.start_time) sink.add(kStart, labels, *target.start_time);
  for (const auto& [letter, word] : kStates) {
    if (letter == target.state) sink.add(kState, {target.spec.name, word}, 1);
  }
}

void publish_values(Sink& sink, const Target& target, LabelId labels, const Values& values) {
  const Digits pid(target.process.pid), ppid(values.ppid);
  sink.add(kInfo, {target.spec.name, pid, ppid, values.exe, values.cwd, target.user, values.command}, 1);
  sink.add_rows(kRows, values, labels);
  for (const LabelledRow& row : kLabelledRows) {
    const double value = values.*row.member;
    if (!std::isnan(value)) sink.add(*row.family, {target.spec.name, row.value}, value);
  }
}

}  // namespace

void TargetValues::clear() {
  TargetValues fresh;
  fresh.exe = std::move(exe);
  fresh.cwd = std::move(cwd);
  fresh.command = std::move(command);
  *this = std::move(fresh);
  exe.clear();
  cwd.clear();
  command.clear();
}

std::span<const Family* const> target_families() { return kFamilies; }
std::span<const Family* const> remembered_target_families() { return kRemembered; }

void publish_target(Sink& sink, const Target& target, const TargetValues* values) {
  const std::array<std::string_view, 1> name = {target.spec.name};
  const LabelId labels = sink.labels(kTarget, name);
  const bool up = target.presence == Presence::up && values != nullptr;
  if (target.presence != Presence::unknown) sink.add(kUp, labels, up ? 1 : 0);
  if (target.spec.needs_walk()) {
    sink.add(kMatches, labels, static_cast<double>(target.matches));
  } else if (target.presence != Presence::unknown) {
    sink.add(kMatches, labels, up ? 1 : 0);
  }
  sink.add(kRestarts, labels, static_cast<double>(target.restarts));
  for (const ExitCount& exit : target.exits.counts()) {
    sink.add(kExits, {target.spec.name, exit.reason}, static_cast<double>(exit.count));
  }
  if (up || target.presence == Presence::zombie) publish_process(sink, target, labels);
  if (up) publish_values(sink, target, labels, *values);
  for (const Unreadable& what : target.unreadable)
    sink.add(kUnreadable, {target.spec.name, what.field, what.reason}, 1);
}

}  // namespace vitalsd
