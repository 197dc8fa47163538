#include "collectors/cgroup/cgroup_reader.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>

#include "collectors/kit/first_fault.h"
namespace vitalsd {
namespace {

using std::string_view;
using Member = double CgroupStats::*;

constexpr double kMicro = 1e-6, kNano = 1e-9;
constexpr std::size_t kPage = 4096;  // FileSource::attribute() reads no more

/// A line of a flat keyed file, and where its value goes.
struct Key {
  string_view name;
  Member member;
  double scale = 1;
};

constexpr std::array kCpuStat2 = {
    Key{"usage_usec", &CgroupStats::usage, kMicro},
    Key{"user_usec", &CgroupStats::user, kMicro},
    Key{"system_usec", &CgroupStats::system, kMicro},
    Key{"nr_periods", &CgroupStats::periods},
    Key{"nr_throttled", &CgroupStats::throttled_periods},
    Key{"throttled_usec", &CgroupStats::throttled_seconds, kMicro},
    Key{"nr_bursts", &CgroupStats::burst_periods},
    Key{"burst_usec", &CgroupStats::burst_seconds, kMicro},
};
constexpr std::array kMemoryStat2 = {
    Key{"anon", &CgroupStats::rss},
    Key{"file", &CgroupStats::cache},
    Key{"kernel", &CgroupStats::kernel},
    Key{"file_mapped", &CgroupStats::mapped_file},
    Key{"file_dirty", &CgroupStats::dirty},
    Key{"file_writeback", &CgroupStats::writeback},
    Key{"active_file", &CgroupStats::active_file},
    Key{"inactive_file", &CgroupStats::inactive_file},
    Key{"pgfault", &CgroupStats::faults},
    Key{"pgmajfault", &CgroupStats::major_faults},
    Key{"pgscan", &CgroupStats::scanned},
    Key{"pgsteal", &CgroupStats::stolen},
    Key{"workingset_refault_file", &CgroupStats::refault_file},
    Key{"workingset_refault_anon", &CgroupStats::refault_anon},
};
constexpr std::array kMemoryEvents = {
    Key{"low", &CgroupStats::event_low},      Key{"high", &CgroupStats::event_high},
    Key{"max", &CgroupStats::event_max},      Key{"oom", &CgroupStats::event_oom},
    Key{"oom_kill", &CgroupStats::oom_kills}, Key{"oom_group_kill", &CgroupStats::oom_group_kills},
};
constexpr std::array kPidsEvents = {Key{"max", &CgroupStats::thread_limit_hits}};

constexpr std::array kCpuStat1 = {
    Key{"nr_periods", &CgroupStats::periods},
    Key{"nr_throttled", &CgroupStats::throttled_periods},
    Key{"throttled_time", &CgroupStats::throttled_seconds, kNano},
    Key{"nr_bursts", &CgroupStats::burst_periods},
    Key{"burst_time", &CgroupStats::burst_seconds, kNano},
};
constexpr std::array kMemoryStat1 = {
    Key{"total_rss", &CgroupStats::rss},
    Key{"total_cache", &CgroupStats::cache},
    Key{"total_mapped_file", &CgroupStats::mapped_file},
    Key{"total_swap", &CgroupStats::swap},
    Key{"total_dirty", &CgroupStats::dirty},
    Key{"total_writeback", &CgroupStats::writeback},
    Key{"total_active_file", &CgroupStats::active_file},
    Key{"total_inactive_file", &CgroupStats::inactive_file},
    Key{"total_pgfault", &CgroupStats::faults},
    Key{"total_pgmajfault", &CgroupStats::major_faults},
    Key{"pgfault", &CgroupStats::own_faults},
    Key{"pgmajfault", &CgroupStats::own_major_faults},
};
constexpr std::array kOomControl = {Key{"oom_kill", &CgroupStats::oom_kills}};

// A file that lost a line is reported as one that could not be read, once all of its other lines are taken.
template <class Parse>
Result<void> told_whole(Parse parse) {
  FirstFault lost;
  if (const auto parsed = parse(lost); !parsed) return parsed;
  return lost.result();
}

// Parsers of whole files, to be given to take().
template <std::size_t N>
auto keys(const std::array<Key, N>& table, CgroupStats& stats, string_view format) {
  return [&table, &stats, format](string_view text) {
    return told_whole([&](FaultSink& lost) {
      return cgroup_files::flat_keyed(text, format, lost, [&](string_view key, std::uint64_t value) {
        const auto found = std::ranges::find(table, key, &Key::name);
        if (found != table.end()) stats.*found->member = static_cast<double>(value) * found->scale;
      });
    });
  };
}

auto number(double& to, double scale = 1) {
  return [&to, scale](string_view text) -> Result<void> {
    const auto value = cgroup_files::limit(text);
    if (!value) return fail(value.error());
    if (*value) to = static_cast<double>(**value) * scale;
    return {};
  };
}

auto pressure(Pressure& to) {
  return [&to](string_view text) -> Result<void> {
    return told_whole([&](FaultSink& lost) -> Result<void> {
      const auto parsed = psi::parse(text, lost);
      if (!parsed) return fail(parsed.error());
      to = *parsed;
      return {};
    });
  };
}

auto cpu_max(CgroupStats& stats) {
  return [&stats](string_view text) -> Result<void> {
    const auto max = cgroup_files::cpu_max(text);
    if (!max) return fail(max.error());
    stats.period = static_cast<double>(max->period);
    if (max->quota) stats.quota = static_cast<double>(*max->quota);
    return {};
  };
}

// A process of another pid namespace is listed as 0.
std::int32_t first_of(string_view pids) {
  for (Scan scan(pids, "cgroup.procs"); !scan.at_end();) {
    const auto pid = parse_number<std::int32_t>(scan.line(), "cgroup.procs");
    if (pid && *pid > 0) return *pid;
  }
  return 0;
}

// Without a quota there are no periods, and zeros would say that there were and none was throttled.
void drop_periods_without_quota(CgroupStats& stats) {
  if (stats.quota >= 0) return;
  stats.periods = stats.throttled_periods = stats.throttled_seconds = kAbsent;
  stats.burst_periods = stats.burst_seconds = kAbsent;
}

// A weight of 1 to 10,000 for shares of 2 to 262,144, as cAdvisor (and the kubelet the other way) reckons.
double shares_of(double weight) {
  return 2 + static_cast<double>(static_cast<std::int64_t>((weight - 1) * 262142 / 9999));
}

}  // namespace

Result<std::string_view> CgroupReader::fetch(CollectContext& context, std::string_view path, Keep keep) {
  auto text = files(context).read(path, context.buffer, keep);
  if (text || keep == Keep::no || text.error().code != Errc::vanished) return text;
  return files(context).read(path, context.buffer, keep);  // of one that was made anew under the same name
}

// The kernel gives a file that it writes at once, as all of these, in one read (fs/seq_file.c seq_read_iter()): asking
// whether there is more is as dear as reading it. One that fills the page may go on.
Result<std::string_view> CgroupReader::fetch_at_once(CollectContext& context, std::string_view path) {
  const auto text = files(context).attribute(path, context.buffer, wanted_.keep);
  const bool enough =
      text ? text->size() + 1 < kPage : text.error().sys != ESPIPE && text.error().code != Errc::vanished;
  return enough ? text : fetch(context, path, wanted_.keep);
}

template <class Take>
void CgroupReader::take(CollectContext& context, std::string_view directory, std::string_view id, std::string_view file,
                        std::string_view field, Take take) {
  const std::uint32_t bit = 1U << (asked_++ % 32);
  if (only_known_ && (lacks_ & bit) != 0) return;
  ++wanted_files_;
  const auto text = fetch_at_once(context, cgroup_file(path_, directory, id, file));
  if (!text && is_gone(text.error())) {
    lacks_ |= bit;
    return;
  }
  ++found_;
  const auto taken = text ? take(*text) : Result<void>(fail(text.error()));
  if (!taken) context.faults.partial(id, field, taken.error(), {});
}

template <class Take>
void CgroupReader::take_of(CollectContext& context, std::string_view controller, std::string_view id,
                           std::string_view file, Take take_it) {
  const std::string_view directory = tree_.of(controller);
  if (!directory.empty()) take(context, directory, id, file, file, take_it);
}

Result<void> CgroupReader::read(CollectContext& context, std::string_view id, CgroupStats& stats) {
  stats.clear();
  const auto pids = processes(context, id);
  if (!pids && is_gone(pids.error())) return fail(pids.error());
  if (pids) {
    stats.processes = static_cast<double>(std::ranges::count(*pids, '\n'));
    stats.first_pid = first_of(*pids);
  }
  tree_.unified() ? read_v2(context, id, stats) : read_v1(context, id, stats);
  read_huge_pages(context, id, stats);
  lacks_ = asked_ = 0;
  tree_.unified() ? usage_v2(context, id, stats) : usage_v1(context, id, stats);
  stats.lacks = lacks_;
  return {};
}

Result<void> CgroupReader::read_usage(CollectContext& context, std::string_view id, CgroupStats& stats) {
  stats.clear_usage();
  asked_ = wanted_files_ = found_ = 0;
  lacks_ = stats.lacks;
  only_known_ = true;
  tree_.unified() ? usage_v2(context, id, stats) : usage_v1(context, id, stats);
  only_known_ = false;
  if (found_ == 0 && wanted_files_ != 0) return fail(Errc::vanished, "cgroup");
  return {};
}

Result<std::string_view> CgroupReader::processes(CollectContext& context, std::string_view id) {
  Result<std::string_view> text = fail(Errc::unavailable, "cgroup.procs");
  // Whoever keeps this file of version 1 open sees the list of its first read, as long as the next come soon
  // (kernel/cgroup/cgroup-v1.c cgroup_pidlist_start()).
  const Keep keep = tree_.unified() ? wanted_.keep : Keep::no;
  for (const std::string& root : tree_.roots()) {
    text = fetch(context, cgroup_file(path_, root, id, "cgroup.procs"), keep);
    if (text || !is_gone(text.error())) break;
  }
  return text;
}

void CgroupReader::usage_v2(CollectContext& context, std::string_view id, CgroupStats& stats) {
  const auto from = [&](string_view file, auto parse) { take(context, "", id, file, file, parse); };
  from("cpu.stat", keys(kCpuStat2, stats, "cpu.stat"));
  from("memory.current", number(stats.memory));
  from("memory.stat", keys(kMemoryStat2, stats, "memory.stat"));
  from("memory.events", keys(kMemoryEvents, stats, "memory.events"));
  stats.limit_hits = stats.event_max;
  // The root has no such file; as cAdvisor, and as version 1 would count.
  if (std::isnan(stats.memory) && id == "/") stats.memory = stats.rss + stats.cache;
  from("pids.current", number(stats.threads));
  read_pressure(context, "", id, stats);
  drop_periods_without_quota(stats);
}

void CgroupReader::read_v2(CollectContext& context, std::string_view id, CgroupStats& stats) {
  const auto from = [&](string_view file, auto parse) { take(context, "", id, file, file, parse); };
  from("cpu.max", cpu_max(stats));
  double weight = kAbsent;
  from("cpu.weight", number(weight));
  if (weight >= 1) stats.shares = shares_of(weight);
  from("memory.peak", number(stats.peak));
  from("memory.max", number(stats.limit));
  from("memory.low", number(stats.reservation));
  from("memory.swap.current", number(stats.swap));
  from("memory.swap.max", number(stats.swap_limit));
  from("pids.max", number(stats.threads_max));
  from("pids.events", keys(kPidsEvents, stats, "pids.events"));
  from("io.stat", [&](string_view text) {
    return told_whole([&](FaultSink& lost) { return cgroup_files::io_stat(text, stats.devices, lost); });
  });
}

void CgroupReader::usage_v1(CollectContext& context, std::string_view id, CgroupStats& stats) {
  const auto from = [&](string_view controller, string_view file, auto parse) {
    take_of(context, controller, id, file, parse);
  };
  from("cpuacct", "cpuacct.usage", number(stats.usage, kNano));
  constexpr std::array kTicks = {Key{"user", &CgroupStats::user}, Key{"system", &CgroupStats::system}};
  from("cpuacct", "cpuacct.stat", keys(kTicks, stats, "cpuacct.stat"));
  stats.user /= context.host.units.ticks_per_second;
  stats.system /= context.host.units.ticks_per_second;
  if (stats.quota >= 0) from("cpu", "cpu.stat", keys(kCpuStat1, stats, "cpu.stat"));  // all of it is of the quota
  from("memory", "memory.usage_in_bytes", number(stats.memory));
  from("memory", "memory.stat", keys(kMemoryStat1, stats, "memory.stat"));
  from("memory", "memory.oom_control", keys(kOomControl, stats, "memory.oom_control"));
  from("pids", "pids.current", number(stats.threads));
  read_pressure(context, tree_.of("unified"), id, stats);
}

void CgroupReader::read_v1(CollectContext& context, std::string_view id, CgroupStats& stats) {
  const auto from = [&](string_view controller, string_view file, auto parse) {
    take_of(context, controller, id, file, parse);
  };
  if (wanted_.per_cpu) {
    from("cpuacct", "cpuacct.usage_percpu",
         [&](string_view text) { return cgroup_files::usage_per_cpu(text, stats.usage_per_cpu); });
  }
  from("cpu", "cpu.cfs_quota_us", number(stats.quota));
  from("cpu", "cpu.cfs_period_us", number(stats.period));
  from("cpu", "cpu.shares", number(stats.shares));
  from("memory", "memory.max_usage_in_bytes", number(stats.peak));
  from("memory", "memory.limit_in_bytes", number(stats.limit));
  from("memory", "memory.memsw.limit_in_bytes", number(stats.swap_limit));
  from("memory", "memory.soft_limit_in_bytes", number(stats.reservation));
  from("memory", "memory.kmem.usage_in_bytes", number(stats.kernel));
  from("memory", "memory.failcnt", number(stats.limit_hits));
  from("pids", "pids.max", number(stats.threads_max));
  from("pids", "pids.events", keys(kPidsEvents, stats, "pids.events"));
  using cgroup_files::Blkio;
  const auto blkio = [&](Blkio what) {
    return [&stats, what](string_view text) {
      return told_whole([&](FaultSink& lost) { return cgroup_files::blkio(text, what, stats.devices, lost); });
    };
  };
  from("blkio", "blkio.throttle.io_service_bytes_recursive", blkio(Blkio::bytes));
  from("blkio", "blkio.throttle.io_serviced_recursive", blkio(Blkio::operations));
}

// Version 2 keeps no peak of them.
void CgroupReader::read_huge_pages(CollectContext& context, std::string_view id, CgroupStats& stats) {
  const std::string_view directory = tree_.of("hugetlb");
  if (!tree_.unified() && directory.empty()) return;
  for (const std::string& size : wanted_.huge_pages) {
    CgroupHugePages pages{.size = size};
    const auto from = [&](string_view file, auto parse) {
      file_.assign("hugetlb.").append(size).append(file);
      take(context, directory, id, file_, "hugetlb", parse);
    };
    if (tree_.unified()) {
      from(".current", number(pages.usage));
      from(".events", [&](string_view text) {
        return told_whole([&](FaultSink& lost) {
          return cgroup_files::flat_keyed(text, "hugetlb.events", lost, [&](string_view key, std::uint64_t value) {
            if (key == "max") pages.limit_hits = static_cast<double>(value);
          });
        });
      });
    } else {
      from(".usage_in_bytes", number(pages.usage));
      from(".max_usage_in_bytes", number(pages.peak));
      from(".failcnt", number(pages.limit_hits));
    }
    if (!std::isnan(pages.usage)) stats.huge_pages.push_back(pages);
  }
}

void CgroupReader::read_pressure(CollectContext& context, std::string_view directory, std::string_view id,
                                 CgroupStats& stats) {
  if (!tree_.unified() && directory.empty()) return;
  take(context, directory, id, "cpu.pressure", "cpu.pressure", pressure(stats.cpu_pressure));
  take(context, directory, id, "memory.pressure", "memory.pressure", pressure(stats.memory_pressure));
  take(context, directory, id, "io.pressure", "io.pressure", pressure(stats.io_pressure));
}

}  // namespace vitalsd
