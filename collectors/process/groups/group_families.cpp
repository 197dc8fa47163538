#include "collectors/process/groups/group_families.h"

#include <array>
#include <cmath>
#include <optional>

#include "core/named_families.h"
#include "core/native_samples.h"

namespace vitalsd {
namespace {

using std::string_view;
constexpr double kNanoseconds = 1e9;  // in a second

constexpr std::array<string_view, 1> kGroup = {"groupname"};
constexpr std::array<string_view, 2> kMode = {"groupname", "mode"};
constexpr std::array<string_view, 2> kSwitchType = {"groupname", "ctxswitchtype"};
constexpr std::array<string_view, 2> kMemType = {"groupname", "memtype"};
constexpr std::array<string_view, 2> kState = {"groupname", "state"};
constexpr std::array<string_view, 2> kWchan = {"groupname", "wchan"};
constexpr std::array<string_view, 2> kThread = {"groupname", "threadname"};
constexpr std::array<string_view, 3> kThreadMode = {"groupname", "threadname", "mode"};
constexpr std::array<string_view, 3> kThreadIo = {"groupname", "threadname", "iomode"};
constexpr std::array<string_view, 3> kThreadSwitches = {"groupname", "threadname", "ctxswitchtype"};
constexpr std::array<string_view, 2> kReason = {"groupname", "reason"};
constexpr std::array<string_view, 2> kSource = {"source", "reason"};

// Names, types and HELP texts of process-exporter 0.8.
constexpr Family kProcs{"namedprocess_namegroup_num_procs", Kind::gauge, "number of processes in this group", "",
                        kGroup};
constexpr Family kCpu{"namedprocess_namegroup_cpu_seconds_total", Kind::counter, "Cpu user usage in seconds", "seconds",
                      kMode};
constexpr Family kRead{"namedprocess_namegroup_read_bytes_total", Kind::counter, "number of bytes read by this group",
                       "bytes", kGroup};
constexpr Family kWritten{"namedprocess_namegroup_write_bytes_total", Kind::counter,
                          "number of bytes written by this group", "bytes", kGroup};
constexpr Family kMajor{"namedprocess_namegroup_major_page_faults_total", Kind::counter, "Major page faults", "",
                        kGroup};
constexpr Family kMinor{"namedprocess_namegroup_minor_page_faults_total", Kind::counter, "Minor page faults", "",
                        kGroup};
constexpr Family kSwitches{"namedprocess_namegroup_context_switches_total", Kind::counter, "Context switches", "",
                           kSwitchType};
constexpr Family kMemory{"namedprocess_namegroup_memory_bytes", Kind::gauge, "number of bytes of memory in use",
                         "bytes", kMemType};
constexpr Family kFds{"namedprocess_namegroup_open_filedesc", Kind::gauge,
                      "number of open file descriptors for this group", "", kGroup};
constexpr Family kWorstFds{"namedprocess_namegroup_worst_fd_ratio", Kind::gauge,
                           "the worst (closest to 1) ratio between open fds and max fds among all procs in this group",
                           "", kGroup};
constexpr Family kOldest{"namedprocess_namegroup_oldest_start_time_seconds", Kind::gauge,
                         "start time in seconds since 1970/01/01 of oldest process in group", "seconds", kGroup};
constexpr Family kThreads{"namedprocess_namegroup_num_threads", Kind::gauge, "Number of threads", "", kGroup};
constexpr Family kStates{"namedprocess_namegroup_states", Kind::gauge,
                         "Number of processes in states Running, Sleeping, Waiting, Zombie, or Other", "", kState};
constexpr Family kWchans{"namedprocess_namegroup_threads_wchan", Kind::gauge,
                         "Number of threads in this group waiting on each wchan", "", kWchan};
constexpr Family kThreadCount{"namedprocess_namegroup_thread_count", Kind::gauge,
                              "Number of threads in this group with same threadname", "", kThread};
constexpr Family kThreadCpu{"namedprocess_namegroup_thread_cpu_seconds_total", Kind::counter,
                            "Cpu user/system usage in seconds", "seconds", kThreadMode};
constexpr Family kThreadBytes{"namedprocess_namegroup_thread_io_bytes_total", Kind::counter,
                              "number of bytes read/written by these threads", "bytes", kThreadIo};
constexpr Family kThreadMajor{"namedprocess_namegroup_thread_major_page_faults_total", Kind::counter,
                              "Major page faults for these threads", "", kThread};
constexpr Family kThreadMinor{"namedprocess_namegroup_thread_minor_page_faults_total", Kind::counter,
                              "Minor page faults for these threads", "", kThread};
constexpr Family kThreadSwitch{"namedprocess_namegroup_thread_context_switches_total", Kind::counter,
                               "Context switches for these threads", "", kThreadSwitches};
constexpr Family kScrapeErrors{"namedprocess_scrape_errors", Kind::counter,
                               "general scrape errors: no proc metrics collected during a cycle"};
constexpr Family kReadErrors{"namedprocess_scrape_procread_errors", Kind::counter,
                             "incremented each time a proc's metrics collection fails"};
constexpr Family kPartialErrors{
    "namedprocess_scrape_partial_errors", Kind::counter,
    "incremented each time a tracked proc's metrics collection fails partially, e.g. unreadable I/O stats"};

// Families of our own.
constexpr Family kResident{"vitalsd_process_resident_bytes", Kind::gauge,
                           "Resident memory of the group by kind: anonymous, file or shared.", "bytes", kMemType};
constexpr Family kRunDelay{"vitalsd_process_run_delay_seconds_total", Kind::counter,
                           "Time that processes of the group were ready to run and waited for a CPU; of the first "
                           "thread of each where the samples come from procfs.",
                           "seconds", kGroup};
constexpr Family kExited{"vitalsd_process_exited_cpu_seconds_total", Kind::counter,
                         "CPU time of children of the group's processes that were born or ended between two rounds.",
                         "seconds", kGroup};
constexpr Family kOther{"vitalsd_process_other_cpu_seconds_total", Kind::counter,
                        "CPU time of processes that are in no group, seen or not.", "seconds"};
constexpr Family kFolded{"vitalsd_process_groups_folded_total", Kind::counter,
                         "Processes counted in the group \"other\" because there were max_groups already."};
constexpr Family kExits{"vitalsd_process_exits_total", Kind::counter,
                        "Processes of the group that ended, by exit code or signal; those that nobody saw count for "
                        "their parent's group, where the kernel still knows the parent.",
                        "", kReason};
constexpr Family kExitsLost{"vitalsd_process_exit_events_lost_total", Kind::counter,
                            "Times that events of ended processes were lost because they were not taken fast enough."};
constexpr Family kHidden{"vitalsd_process_groups_hidden", Kind::gauge,
                         "Groups that are not among the largest and are counted in the group \"other\"."};
constexpr Family kCores{"vitalsd_process_cpu_usage_cores", Kind::histogram,
                        "CPU use of the group in cores, from sample to sample.", "", kGroup};
constexpr Family kBytes{"vitalsd_process_memory_usage_bytes", Kind::histogram,
                        "Resident memory of the group at each sample.", "bytes", kGroup};
constexpr Family kMostCores{"vitalsd_process_cpu_max_cores", Kind::gauge,
                            "The most CPU use of the group between two samples within the last whole minute of the "
                            "clock, in cores.",
                            "", kGroup};
constexpr Family kMostBytes{"vitalsd_process_memory_max_bytes", Kind::gauge,
                            "The most resident memory of the group within the last whole minute of the clock.", "bytes",
                            kGroup};
constexpr Family kSampleInterval{"vitalsd_process_sample_interval_seconds", Kind::gauge,
                                 "The time between the last two samples of usage.", "seconds"};
constexpr Family kSmapsSkipped{"vitalsd_process_smaps_skipped", Kind::gauge,
                               "Processes whose proportional memory is not read because of smaps_limit."};
constexpr Family kSourceInfo{"vitalsd_process_source_info", Kind::gauge,
                             "Where samples of processes come from, and why.", "", kSource};

constexpr auto kFamilies = family_list<38>(
    kProcs, kCpu, kRead, kWritten, kMajor, kMinor, kSwitches, kMemory, kFds, kWorstFds, kOldest, kThreads, kStates,
    kWchans, kThreadCount, kThreadCpu, kThreadBytes, kThreadMajor, kThreadMinor, kThreadSwitch, kScrapeErrors,
    kReadErrors, kPartialErrors, kResident, kRunDelay, kExited, kOther, kFolded, kExits, kExitsLost, kHidden, kCores,
    kBytes, kMostCores, kMostBytes, kSampleInterval, kSmapsSkipped, kSourceInfo);
constexpr auto kRemembered =
    families_named(kFamilies, {"namedprocess_namegroup_cpu_seconds_total", "namedprocess_namegroup_memory_bytes",
                               "namedprocess_namegroup_num_procs", "namedprocess_namegroup_num_threads",
                               "namedprocess_namegroup_open_filedesc", "namedprocess_namegroup_read_bytes_total",
                               "namedprocess_namegroup_worst_fd_ratio", "namedprocess_namegroup_write_bytes_total",
                               "vitalsd_process_resident_bytes", "vitalsd_process_run_delay_seconds_total"});

double seconds_of(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / kNanoseconds; }
double number(std::uint64_t value) { return static_cast<double>(value); }

// An empty group uses nothing, which is known. For others a value exists if that of any process could be read.
double if_read(const Group& group, Has has, std::uint64_t value) {
  return group.processes == 0 || group.has & has ? number(value) : kAbsent;
}
double if_counted(const Group& group, Has has, std::uint64_t value) {
  const bool never = group.processes == 0 && group.counted == Has::none;
  return never || group.counted & has ? number(value) : kAbsent;
}

// `value` is the second label's value; empty for families that have only the group's label.
struct GroupRow {
  const Family& family;
  string_view value;
  double (*get)(const Group&);
};
constexpr GroupRow kRows[] = {
    {kProcs, "", [](const Group& g) { return number(g.processes); }},
    {kCpu, "user", [](const Group& g) { return seconds_of(g.total.user); }},
    {kCpu, "system", [](const Group& g) { return seconds_of(g.total.system); }},
    {kRead, "", [](const Group& g) { return if_counted(g, Has::io, g.total.read_bytes); }},
    {kWritten, "", [](const Group& g) { return if_counted(g, Has::io, g.total.write_bytes); }},
    {kMajor, "", [](const Group& g) { return number(g.total.major_faults); }},
    {kMinor, "", [](const Group& g) { return number(g.total.minor_faults); }},
    {kSwitches, "voluntary", [](const Group& g) { return if_counted(g, Has::switches, g.total.voluntary_switches); }},
    {kSwitches, "nonvoluntary",
     [](const Group& g) { return if_counted(g, Has::switches, g.total.nonvoluntary_switches); }},
    {kMemory, "resident", [](const Group& g) { return number(g.resident_bytes); }},
    {kMemory, "virtual", [](const Group& g) { return number(g.virtual_bytes); }},
    {kMemory, "swapped", [](const Group& g) { return if_read(g, Has::swap, g.swap_bytes); }},
    {kMemory, "proportionalResident", [](const Group& g) { return g.pss ? number(g.pss_bytes) : kAbsent; }},
    {kMemory, "proportionalSwapped", [](const Group& g) { return g.pss ? number(g.swap_pss_bytes) : kAbsent; }},
    {kFds, "", [](const Group& g) { return if_read(g, Has::fds, g.fds); }},
    {kWorstFds, "",
     [](const Group& g) {
       const bool known = g.processes == 0 || (g.has & Has::fds && g.has & Has::fd_limit);
       return known ? g.worst_fd_ratio : kAbsent;
     }},
    {kThreads, "", [](const Group& g) { return number(g.threads); }},
    {kStates, "Running", [](const Group& g) { return number(g.states.running); }},
    {kStates, "Sleeping", [](const Group& g) { return number(g.states.sleeping); }},
    {kStates, "Waiting", [](const Group& g) { return number(g.states.waiting); }},
    {kStates, "Zombie", [](const Group& g) { return number(g.states.zombie); }},
    {kStates, "Other", [](const Group& g) { return number(g.states.other); }},
    {kResident, "anonymous", [](const Group& g) { return if_read(g, Has::resident, g.anon_bytes); }},
    {kResident, "file", [](const Group& g) { return if_read(g, Has::resident, g.file_bytes); }},
    {kResident, "shared", [](const Group& g) { return if_read(g, Has::resident, g.shmem_bytes); }},
    {kRunDelay, "", [](const Group& g) { return if_counted(g, Has::run_delay, g.total.run_delay) / kNanoseconds; }},
    {kExited, "", [](const Group& g) { return g.exited == 0 ? kAbsent : seconds_of(g.exited); }},
};

struct ThreadRow {
  const Family& family;
  string_view value;
  double (*get)(const ThreadGroup&);
};
constexpr ThreadRow kThreadRows[] = {
    {kThreadCount, "", [](const ThreadGroup& t) { return number(t.threads); }},
    {kThreadCpu, "user", [](const ThreadGroup& t) { return seconds_of(t.total.user); }},
    {kThreadCpu, "system", [](const ThreadGroup& t) { return seconds_of(t.total.system); }},
    {kThreadBytes, "read", [](const ThreadGroup& t) { return t.io ? number(t.total.read_bytes) : kAbsent; }},
    {kThreadBytes, "write", [](const ThreadGroup& t) { return t.io ? number(t.total.write_bytes) : kAbsent; }},
    {kThreadMajor, "", [](const ThreadGroup& t) { return number(t.total.major_faults); }},
    {kThreadMinor, "", [](const ThreadGroup& t) { return number(t.total.minor_faults); }},
    {kThreadSwitch, "voluntary", [](const ThreadGroup& t) { return number(t.total.voluntary_switches); }},
    {kThreadSwitch, "nonvoluntary", [](const ThreadGroup& t) { return number(t.total.nonvoluntary_switches); }},
};

// Classic buckets at powers of two, which are boundaries of the native histogram, too.
struct Bound {
  int exponent;
  string_view text;
};
constexpr Bound kCoresBounds[] = {{-7, "0.0078125"}, {-5, "0.03125"}, {-4, "0.0625"}, {-3, "0.125"}, {-2, "0.25"},
                                  {-1, "0.5"},       {0, "1"},        {1, "2"},       {2, "4"},      {3, "8"},
                                  {4, "16"},         {5, "32"},       {6, "64"}};
constexpr Bound kBytesBounds[] = {{20, "1.048576e+06"},    {22, "4.194304e+06"},     {24, "1.6777216e+07"},
                                  {26, "6.7108864e+07"},   {28, "2.68435456e+08"},   {30, "1.073741824e+09"},
                                  {32, "4.294967296e+09"}, {34, "1.7179869184e+10"}, {36, "6.8719476736e+10"}};

// Writes one group's samples. Families whose only label is the group's name share one label set.
class GroupWriter {
 public:
  GroupWriter(Sink& sink, const Group& group)
      : sink_(sink), group_(group), plain_(sink.labels(kGroup, std::array<string_view, 1>{group.name})) {}

  void add(const Family& family, string_view value, double number) {
    if (std::isnan(number)) return;
    const LabelId labels =
        value.empty() ? plain_ : sink_.labels(family.labels, std::array<string_view, 2>{group_.name, value});
    sink_.add(family, labels, number);
  }

  void add_histogram(const Family& family, std::span<const Bound> bounds, const NativeHistogram& histogram) {
    constexpr std::array<string_view, 2> kLabels = {"groupname", "le"};
    if (histogram.count() == 0) return;
    for (const auto& [exponent, text] : bounds) {
      const LabelId labels = sink_.labels(kLabels, std::array<string_view, 2>{group_.name, text});
      sink_.add(family, labels, number(histogram.cumulative(exponent)), Part::bucket);
    }
    const LabelId all = sink_.labels(kLabels, std::array<string_view, 2>{group_.name, "+Inf"});
    sink_.add(family, all, number(histogram.count()), Part::bucket);
    sink_.add(family, plain_, histogram.sum(), Part::sum);
    sink_.add(family, plain_, number(histogram.count()), Part::count);
    add_native(sink_, family, plain_, histogram);
  }

  void add_thread(const std::string& name, const ThreadGroup& thread) {
    const LabelId plain = sink_.labels(kThread, std::array<string_view, 2>{group_.name, name});
    for (const auto& [family, value, get] : kThreadRows) {
      const double number = get(thread);
      if (std::isnan(number)) continue;
      const LabelId labels =
          value.empty() ? plain : sink_.labels(family.labels, std::array<string_view, 3>{group_.name, name, value});
      sink_.add(family, labels, number);
    }
  }

 private:
  Sink& sink_;
  const Group& group_;
  LabelId plain_;
};

}  // namespace

std::span<const Family* const> group_families() { return kFamilies; }
std::span<const Family* const> remembered_group_families() { return kRemembered; }

void publish_groups(Sink& sink, const GroupTracker& tracker, const Units& units) {
  std::size_t hidden = 0;
  for (const auto& [name, group] : tracker.groups()) {
    if (group.hidden) {
      ++hidden;
      continue;
    }
    GroupWriter writer(sink, group);
    for (const auto& [family, value, get] : kRows) {
      if (&family != &kResident || tracker.options().resident_types) writer.add(family, value, get(group));
    }
    if (group.processes != 0 && tracker.boot_time()) {
      writer.add(kOldest, "", number(*tracker.boot_time()) + std::floor(units.ticks(group.oldest_start)));
    }
    if (tracker.options().histograms) {
      writer.add_histogram(kCores, kCoresBounds, group.usage.cores);
      writer.add_histogram(kBytes, kBytesBounds, group.usage.bytes);
    }
    writer.add(kMostCores, "", group.usage.most_cores.last(tracker.now()).value_or(kAbsent));
    writer.add(kMostBytes, "", group.usage.most_bytes.last(tracker.now()).value_or(kAbsent));
    for (const auto& [reason, count] : group.exits) writer.add(kExits, reason, number(count));
    for (const auto& [wchan, count] : group.wchans) {
      if (count != 0) writer.add(kWchans, wchan, count);
    }
    for (const auto& [thread, totals] : group.by_thread) {
      if (totals.threads != 0) writer.add_thread(thread, totals);
    }
  }
  const GroupErrors& errors = tracker.errors();
  sink.add(kScrapeErrors, number(errors.scrapes));
  sink.add(kReadErrors, number(errors.processes));
  sink.add(kPartialErrors, number(errors.partial));
  sink.add(kOther, seconds_of(tracker.other_cpu()));
  sink.add(kFolded, number(errors.folded));
  if (tracker.options().top != 0) sink.add(kHidden, number(hidden));
  if (const auto span = tracker.sampled_after()) sink.add(kSampleInterval, seconds(*span));
  if (tracker.options().smaps) sink.add(kSmapsSkipped, number(tracker.smaps_skipped()));
}

void publish_exit_events(Sink& sink, std::uint64_t lost) { sink.add(kExitsLost, number(lost)); }

void publish_source(Sink& sink, string_view source, string_view reason) { sink.add(kSourceInfo, {source, reason}, 1); }

}  // namespace vitalsd
