#include "collectors/cgroup/cgroup_families.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "core/named_families.h"

namespace vitalsd {
namespace {

using std::string_view;

constexpr auto kOf = cgroup_label_names();
constexpr auto kTotal = cgroup_label_names("cpu");
constexpr auto kOfDevice = cgroup_label_names("device");
constexpr auto kOfPages = cgroup_label_names("pagesize");
constexpr auto kOfLimit = cgroup_label_names("ulimit");
constexpr auto kOfEvent = cgroup_label_names("event");
constexpr auto kOfFailure = cgroup_label_names("failure_type", "scope");
constexpr auto kOfInfo = cgroup_label_names("runtime", "unit", "slice");
constexpr std::array<string_view, 1> kVersion = {"version"};

constexpr Family gauge(string_view name, string_view help, string_view unit = {}) {
  return {name, Kind::gauge, help, unit, kOf};
}
constexpr Family counter(string_view name, string_view help, string_view unit = {}) {
  return {name, Kind::counter, help, unit, kOf};
}

using Stats = CgroupStats;

// Names, types and HELP texts of cAdvisor 0.5x; then ours.
constexpr std::array kRows = {
    Row<Stats>{counter("container_cpu_user_seconds_total", "Cumulative user cpu time consumed in seconds.", "seconds"),
               [](const Stats& s) { return s.user; }},
    Row<Stats>{
        counter("container_cpu_system_seconds_total", "Cumulative system cpu time consumed in seconds.", "seconds"),
        [](const Stats& s) { return s.system; }},
    Row<Stats>{counter("container_cpu_cfs_periods_total", "Number of elapsed enforcement period intervals."),
               [](const Stats& s) { return s.periods; }},
    Row<Stats>{counter("container_cpu_cfs_throttled_periods_total", "Number of throttled period intervals."),
               [](const Stats& s) { return s.throttled_periods; }},
    Row<Stats>{counter("container_cpu_cfs_throttled_seconds_total",
                       "Total time duration the container has been throttled.", "seconds"),
               [](const Stats& s) { return s.throttled_seconds; }},
    Row<Stats>{counter("container_cpu_cfs_burst_periods_total", "Number of periods when burst occurs."),
               [](const Stats& s) { return s.burst_periods; }},
    Row<Stats>{counter("container_cpu_cfs_burst_seconds_total", "Total time duration the container has been bursted.",
                       "seconds"),
               [](const Stats& s) { return s.burst_seconds; }},
    Row<Stats>{gauge("container_memory_cache", "Number of bytes of page cache memory."),
               [](const Stats& s) { return s.cache; }},
    Row<Stats>{gauge("container_memory_rss", "Size of RSS in bytes."), [](const Stats& s) { return s.rss; }},
    Row<Stats>{gauge("container_memory_kernel_usage", "Size of kernel memory allocated in bytes."),
               [](const Stats& s) { return s.kernel; }},
    Row<Stats>{gauge("container_memory_mapped_file", "Size of memory mapped files in bytes."),
               [](const Stats& s) { return s.mapped_file; }},
    Row<Stats>{gauge("container_memory_swap", "Container swap usage in bytes."), [](const Stats& s) { return s.swap; }},
    Row<Stats>{counter("container_memory_failcnt", "Number of memory usage hits limits"),
               [](const Stats& s) { return s.limit_hits; }},
    Row<Stats>{gauge("container_memory_usage_bytes",
                     "Current memory usage in bytes, including all memory regardless of when it was accessed", "bytes"),
               [](const Stats& s) { return s.memory; }},
    Row<Stats>{gauge("container_memory_max_usage_bytes", "Maximum memory usage recorded in bytes", "bytes"),
               [](const Stats& s) { return s.peak; }},
    Row<Stats>{gauge("container_memory_working_set_bytes", "Current working set in bytes.", "bytes"),
               [](const Stats& s) { return s.working_set(); }},
    Row<Stats>{gauge("container_memory_total_active_file_bytes", "Current total active file in bytes.", "bytes"),
               [](const Stats& s) { return s.active_file; }},
    Row<Stats>{gauge("container_memory_total_inactive_file_bytes", "Current total inactive file in bytes.", "bytes"),
               [](const Stats& s) { return s.inactive_file; }},
    Row<Stats>{counter("container_memory_events_high_total",
                       "Cumulative count of memory.high throttle events for the container"),
               [](const Stats& s) { return s.event_high; }},
    Row<Stats>{counter("container_memory_events_max_total",
                       "Cumulative count of memory.max limit hit events for the container"),
               [](const Stats& s) { return s.event_max; }},
    Row<Stats>{gauge("container_memory_file_dirty_bytes",
                     "Number of bytes of file cache that has been modified but not yet written back to disk.", "bytes"),
               [](const Stats& s) { return s.dirty; }},
    Row<Stats>{gauge("container_memory_file_writeback_bytes",
                     "Number of bytes of file cache that is currently being written back to disk.", "bytes"),
               [](const Stats& s) { return s.writeback; }},
    Row<Stats>{
        counter("container_memory_pgscan_total", "Cumulative number of pages scanned by the page reclaim algorithm."),
        [](const Stats& s) { return s.scanned; }},
    Row<Stats>{counter("container_memory_pgsteal_total",
                       "Cumulative number of pages reclaimed by the page reclaim algorithm."),
               [](const Stats& s) { return s.stolen; }},
    Row<Stats>{counter("container_memory_workingset_refault_file_total",
                       "Cumulative number of refaults of previously evicted file pages."),
               [](const Stats& s) { return s.refault_file; }},
    Row<Stats>{counter("container_memory_workingset_refault_anon_total",
                       "Cumulative number of refaults of previously evicted anonymous pages."),
               [](const Stats& s) { return s.refault_anon; }},
    Row<Stats>{counter("container_oom_events_total", "Count of out of memory events observed for the container"),
               [](const Stats& s) { return s.oom_kills; }},
    Row<Stats>{
        counter("container_pressure_cpu_stalled_seconds_total",
                "Total time duration no tasks in the container could make progress due to CPU congestion.", "seconds"),
        [](const Stats& s) { return s.cpu_pressure.full_seconds; }},
    Row<Stats>{counter("container_pressure_cpu_waiting_seconds_total",
                       "Total time duration tasks in the container have waited due to CPU congestion.", "seconds"),
               [](const Stats& s) { return s.cpu_pressure.some_seconds; }},
    Row<Stats>{counter("container_pressure_memory_stalled_seconds_total",
                       "Total time duration no tasks in the container could make progress due to memory congestion.",
                       "seconds"),
               [](const Stats& s) { return s.memory_pressure.full_seconds; }},
    Row<Stats>{counter("container_pressure_memory_waiting_seconds_total",
                       "Total time duration tasks in the container have waited due to memory congestion.", "seconds"),
               [](const Stats& s) { return s.memory_pressure.some_seconds; }},
    Row<Stats>{
        counter("container_pressure_io_stalled_seconds_total",
                "Total time duration no tasks in the container could make progress due to IO congestion.", "seconds"),
        [](const Stats& s) { return s.io_pressure.full_seconds; }},
    Row<Stats>{counter("container_pressure_io_waiting_seconds_total",
                       "Total time duration tasks in the container have waited due to IO congestion.", "seconds"),
               [](const Stats& s) { return s.io_pressure.some_seconds; }},
    Row<Stats>{gauge("container_processes", "Number of processes running inside the container."),
               [](const Stats& s) { return s.processes; }},
    Row<Stats>{gauge("container_file_descriptors", "Number of open file descriptors for the container."),
               [](const Stats& s) { return s.descriptors; }},
    Row<Stats>{gauge("container_sockets", "Number of open sockets for the container."),
               [](const Stats& s) { return s.sockets; }},
    Row<Stats>{gauge("container_threads", "Number of threads running inside the container"),
               [](const Stats& s) { return s.threads; }},
    Row<Stats>{
        gauge("container_threads_max", "Maximum number of threads allowed inside the container; absent: no limit"),
        [](const Stats& s) { return s.threads_max; }},
    Row<Stats>{
        gauge("container_start_time_seconds", "Start time of the container since unix epoch in seconds.", "seconds"),
        [](const Stats& s) { return s.started; }},
    Row<Stats>{gauge("container_spec_cpu_period", "CPU period of the container."),
               [](const Stats& s) { return s.period; }},
    Row<Stats>{gauge("container_spec_cpu_quota", "CPU quota of the container."),
               [](const Stats& s) { return s.quota; }},
    Row<Stats>{gauge("container_spec_cpu_shares", "CPU share of the container."),
               [](const Stats& s) { return s.shares; }},
    Row<Stats>{gauge("container_spec_memory_limit_bytes", "Memory limit for the container.", "bytes"),
               [](const Stats& s) { return s.limit; }},
    Row<Stats>{gauge("container_spec_memory_swap_limit_bytes", "Memory swap limit for the container.", "bytes"),
               [](const Stats& s) { return s.swap_limit; }},
    Row<Stats>{
        gauge("container_spec_memory_reservation_limit_bytes", "Memory reservation limit for the container.", "bytes"),
        [](const Stats& s) { return s.reservation; }},
    Row<Stats>{counter("vitalsd_cgroup_thread_limit_hits_total",
                       "Times that a new thread or process was refused because of the limit of the cgroup."),
               [](const Stats& s) { return s.thread_limit_hits; }},
};

constexpr std::array kReportRows = {
    Row<CgroupReport>{gauge("container_last_seen", "Last time a container was seen by the exporter"),
                      [](const CgroupReport& r) { return r.last_seen; }},
    Row<CgroupReport>{gauge("vitalsd_cgroup_cpu_limit_cores",
                            "CPU time that the cgroup may use: the least quota of it and of those above it."),
                      [](const CgroupReport& r) { return r.effective_cpu; }},
    Row<CgroupReport>{gauge("vitalsd_cgroup_memory_limit_bytes",
                            "Memory that the cgroup may use: the least limit of it and of those above it.", "bytes"),
                      [](const CgroupReport& r) { return r.effective_memory; }},
    Row<CgroupReport>{
        gauge("vitalsd_cgroup_memory_headroom_bytes",
              "Effective memory limit less the working set; what can be allocated before reclaim fails.", "bytes"),
        [](const CgroupReport& r) { return r.effective_memory - r.stats.working_set(); }},
    Row<CgroupReport>{gauge("vitalsd_cgroup_memory_limit_reached_seconds",
                            "Time until the working set reaches the effective limit if it grows on as in the last "
                            "minute; absent while it does not grow.",
                            "seconds"),
                      [](const CgroupReport& r) { return r.seconds_to_limit; }},
    Row<CgroupReport>{
        gauge("vitalsd_cgroup_cpu_throttled_ratio",
              "Share of the enforcement periods since the round before in which the cgroup was throttled.", "ratio"),
        [](const CgroupReport& r) { return r.throttled_share; }},
};

constexpr Family kUsage{"container_cpu_usage_seconds_total", Kind::counter, "Cumulative cpu time consumed in seconds.",
                        "seconds", kTotal};
constexpr Family kFailures{"container_memory_failures_total", Kind::counter,
                           "Cumulative count of memory allocation failures.", "", kOfFailure};
constexpr Family kEvents{"vitalsd_cgroup_memory_events_total", Kind::counter,
                         "Memory events of the cgroup and those below it, as the kernel counts them "
                         "(memory.events: low, high, max, oom, oom_kill, oom_group_kill).",
                         "", kOfEvent};
constexpr Family kInfo{"vitalsd_cgroup_info", Kind::gauge,
                       "What the path of the cgroup tells: runtime of the container, systemd unit and slice.", "",
                       kOfInfo};
constexpr Family kCount{"vitalsd_cgroups", Kind::gauge, "Cgroups that are reported.", "", kVersion};
constexpr Family kLeftOut{"vitalsd_cgroups_left_out",
                          Kind::gauge,
                          "Cgroups that are not looked at because of max_cgroups or max_depth.",
                          "",
                          {}};

constexpr Family device_counter(string_view name, string_view help, string_view unit = {}) {
  return {name, Kind::counter, help, unit, kOfDevice};
}
constexpr std::array kDeviceRows = {
    Row<CgroupDevice>{device_counter("container_fs_reads_bytes_total", "Cumulative count of bytes read", "bytes"),
                      [](const CgroupDevice& d) { return d.read_bytes; }},
    Row<CgroupDevice>{device_counter("container_fs_reads_total", "Cumulative count of reads completed"),
                      [](const CgroupDevice& d) { return d.reads; }},
    Row<CgroupDevice>{device_counter("container_fs_writes_bytes_total", "Cumulative count of bytes written", "bytes"),
                      [](const CgroupDevice& d) { return d.written_bytes; }},
    Row<CgroupDevice>{device_counter("container_fs_writes_total", "Cumulative count of writes completed"),
                      [](const CgroupDevice& d) { return d.writes; }},
};

constexpr Family of_pages(string_view name, Kind kind, string_view help, string_view unit = {}) {
  return {name, kind, help, unit, kOfPages};
}
constexpr std::array kPagesRows = {
    Row<CgroupHugePages>{
        of_pages("container_hugetlb_usage_bytes", Kind::gauge, "Current hugepage usage in bytes", "bytes"),
        [](const CgroupHugePages& p) { return p.usage; }},
    Row<CgroupHugePages>{
        of_pages("container_hugetlb_max_usage_bytes", Kind::gauge, "Maximum hugepage usage recorded in bytes", "bytes"),
        [](const CgroupHugePages& p) { return p.peak; }},
    Row<CgroupHugePages>{of_pages("container_hugetlb_failcnt", Kind::counter, "Number of hugepage usage hits limits"),
                         [](const CgroupHugePages& p) { return p.limit_hits; }},
};
constexpr Family kUlimits{
    "container_ulimits_soft", Kind::gauge,
    "Soft ulimit values for the container root process. Unlimited if -1, except priority and nice", "", kOfLimit};

struct Event {
  string_view name;
  double Stats::* member;
};
constexpr std::array kEventNames = {
    Event{"low", &Stats::event_low},      Event{"high", &Stats::event_high},
    Event{"max", &Stats::event_max},      Event{"oom", &Stats::event_oom},
    Event{"oom_kill", &Stats::oom_kills}, Event{"oom_group_kill", &Stats::oom_group_kills},
};
struct Failure {
  string_view type, scope;
  double Stats::* member;
};
constexpr std::array kFailureTypes = {
    Failure{"pgfault", "container", &Stats::own_faults},
    Failure{"pgmajfault", "container", &Stats::own_major_faults},
    Failure{"pgfault", "hierarchy", &Stats::faults},
    Failure{"pgmajfault", "hierarchy", &Stats::major_faults},
};

constexpr auto kFamilies = family_list<family_total(kRows, kReportRows, kDeviceRows, kPagesRows) + 7>(
    kRows, kReportRows, kDeviceRows, kPagesRows, kUlimits, kUsage, kFailures, kEvents, kInfo, kCount, kLeftOut);
constexpr auto kRemembered = families_named(
    kFamilies, {"container_cpu_cfs_periods_total", "container_cpu_cfs_throttled_periods_total",
                "container_cpu_cfs_throttled_seconds_total", "container_cpu_usage_seconds_total",
                "container_memory_max_usage_bytes", "container_memory_rss", "container_memory_usage_bytes",
                "container_memory_working_set_bytes", "container_oom_events_total",
                "container_pressure_cpu_waiting_seconds_total", "container_pressure_io_stalled_seconds_total",
                "container_pressure_memory_stalled_seconds_total", "container_spec_memory_limit_bytes",
                "container_threads", "vitalsd_cgroup_cpu_limit_cores", "vitalsd_cgroup_memory_limit_bytes"});

}  // namespace

std::span<const Family* const> cgroup_families() { return kFamilies; }
std::span<const Family* const> remembered_cgroup_families() { return kRemembered; }

namespace {

// As cAdvisor: the CPUs in the place of their sum, so that a sum over the label `cpu` is right either way.
void publish_usage(Sink& sink, CgroupLabels& labels, const Stats& stats) {
  if (stats.usage_per_cpu.empty()) {
    if (!std::isnan(stats.usage)) sink.add(kUsage, labels.make(sink, {{"cpu", "total"}}), stats.usage);
    return;
  }
  std::array<char, 16> name{};
  for (std::size_t i = 0; i < stats.usage_per_cpu.size(); ++i) {
    const int size = std::snprintf(name.data(), name.size(), "cpu%02zu", i);
    const string_view cpu(name.data(), static_cast<std::size_t>(size));
    sink.add(kUsage, labels.make(sink, {{"cpu", cpu}}), stats.usage_per_cpu[i]);
  }
}

}  // namespace

void publish_cgroup(Sink& sink, CgroupLabels& labels, const ContainerIdentity& identity, const CgroupReport& report) {
  const Stats& stats = report.stats;
  const LabelId own = labels.make(sink);
  sink.add_rows(kRows, stats, own);
  sink.add_rows(kReportRows, report, own);
  publish_usage(sink, labels, stats);
  for (const CgroupHugePages& pages : stats.huge_pages) {
    sink.add_rows(kPagesRows, pages, labels.make(sink, {{"pagesize", pages.size}}));
  }
  if (!std::isnan(stats.open_files_limit)) {
    sink.add(kUlimits, labels.make(sink, {{"ulimit", "max_open_files"}}), stats.open_files_limit);
  }
  for (const auto& [type, scope, member] : kFailureTypes) {
    if (std::isnan(stats.*member)) continue;
    sink.add(kFailures, labels.make(sink, {{"failure_type", type}, {"scope", scope}}), stats.*member);
  }
  for (const auto& [name, member] : kEventNames) {
    if (!std::isnan(stats.*member)) sink.add(kEvents, labels.make(sink, {{"event", name}}), stats.*member);
  }
  if (!identity.runtime.empty() || !identity.unit.empty() || !identity.slice.empty()) {
    const LabelId whole =
        labels.make_whole(sink, {{"runtime", identity.runtime}, {"unit", identity.unit}, {"slice", identity.slice}});
    sink.add(kInfo, whole, 1);
  }
}

std::string_view DeviceNames::of(CollectContext& context, const CgroupDevice& device) {
  const auto [known, added] = known_.try_emplace({device.major, device.minor});
  if (!added) return known->second;
  const std::string number = std::to_string(device.major) + ":" + std::to_string(device.minor);
  const auto link = context.host.sysfs->link("dev/block/" + number, context.buffer);
  known->second = link ? "/dev/" + std::string(link->substr(link->rfind('/') + 1)) : number;
  return known->second;
}

void publish_devices(CollectContext& context, Sink& sink, CgroupLabels& labels, DeviceNames& names,
                     std::span<const CgroupDevice> devices) {
  for (const CgroupDevice& device : devices) {
    sink.add_rows(kDeviceRows, device, labels.make(sink, {{"device", names.of(context, device)}}));
  }
}

void publish_cgroup_counts(Sink& sink, const CgroupCounts& counts, std::string_view version) {
  sink.add(kCount, {version}, counts.seen);
  sink.add(kLeftOut, counts.left_out);
}

}  // namespace vitalsd
