// Collector `cgroups`: what each cgroup uses, waits for and may use, with cAdvisor's families.
#include <cmath>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "collectors/cgroup/cgroup_families.h"
#include "collectors/cgroup/cgroup_kills.h"
#include "collectors/cgroup/cgroup_naming.h"
#include "collectors/cgroup/cgroup_network.h"
#include "collectors/cgroup/cgroup_options.h"
#include "collectors/cgroup/cgroup_processes.h"
#include "collectors/cgroup/cgroup_reader.h"
#include "collectors/cgroup/cgroup_stalls.h"
#include "collectors/cgroup/cgroup_start.h"
#include "collectors/cgroup/cgroup_walk.h"
#include "collectors/cgroup/huge_pages.h"
#include "collectors/cgroup/machine.h"
#include "collectors/cgroup/memory_events.h"
#include "collectors/cgroup/neighbours.h"
#include "collectors/kit/pattern.h"
#include "collectors/kit/wake_set.h"

namespace vitalsd {
namespace {

constexpr std::size_t kKeptCgroups = 2;  // their files stay open: in a pod there is ours alone

class Cgroups final : public Collector {
 public:
  explicit Cgroups(const Options& options)
      : walk_(make_filter(options, "include", "exclude"), cgroup_options::positive(options, "max_cgroups"),
              cgroup_options::positive(options, "max_depth")),
        per_cpu_(options.flag("per_cpu")),
        stalls_(cgroup_options::at_least(0, options, "stall_watches")),
        neighbours_(cgroup_options::neighbours(options)),
        gone_(options.duration("linger")),
        naming_(cgroup_options::naming(options)),
        labels_(cgroup_options::labels(options)) {
    if (options.flag("network")) networks_.emplace(options.flag("connections"));
    if (options.flag("processes")) {
      processes_.emplace(cgroup_options::positive(options, "max_processes"),
                         cgroup_options::positive(options, "max_descriptors"));
    }
  }

  int wake_fd() const noexcept override { return wake_.fd(); }
  bool woken() noexcept override {
    // Whether it was a stall cannot be asked: a trigger answers once. The totals tell.
    stalls_.fired();
    return memory_events_.woken(std::chrono::steady_clock::now());
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (context.woken && whole_at_ && tell_killed(context, sink)) return {};
    if (!reader_) {
      const FileSource& files = *context.host.cgroupfs;
      auto tree = Hierarchy::find(files, Hierarchy::mounted(files, *context.host.self, context.buffer));
      if (!tree) return fail(tree.error());
      reader_.emplace(std::move(*tree));
      machine_.reset();
      if (reader_->tree().is_machines(*context.host.cgroupfs, context.buffer)) machine_.emplace();
    }
    now_ = context.host.clock->steady();
    memory_events_.renew(now_);
    // What happens from here on is seen, or wakes us again.
    const bool urgent = memory_events_.begin(*context.host.cgroupfs, reader_->tree().unified());
    stalls_.begin(now_);
    gone_.begin(now_);
    const bool lasts = whole_at_ && now_ < *whole_at_ + context.lasting;
    bool whole = false;
    if (!lasts || urgent || !read_usage(context)) {
      if (const auto walked = walk(context); !walked) return walked;
      whole = !lasts || walk_.changed() || !read_usage(context);
    }
    if (whole) {
      whole_at_.reset();
      if (const auto read = read_all(context); !read) return read;
      whole_at_ = now_;
    }
    seen_at_ = std::floor(unix_seconds(context.host.clock->now()));
    for (auto& [id, cgroup] : walk_.cgroups()) note_trend(cgroup);
    for (auto& [id, neighbour] : neighbours_.all()) note_trend(neighbour.cgroup);
    kills_.report(context, walk_, memory_events_, reader_->tree().unified(), now_, gone_);
    CgroupKills::report(context, neighbours_, memory_events_, gone_);
    tell_stalls(context);
    if (naming_) naming_->round(context, walk_, neighbours_);
    publish(context, sink, whole);
    gone_.settle();
    memory_events_.report_lack(context.faults);
    stalls_.report_lack(context.faults);
    memory_events_.end(now_, context.host.clock->steady());
    return {};
  }

 private:
  /// Those that have just had a kill, anew, and the others as they were: a round of them all takes a while. Whose kill
  /// it was is told by that round. False when there are none, or one has gone.
  bool tell_killed(CollectContext& context, Sink& sink) {
    const auto killed = memory_events_.killed();
    if (killed.empty()) return false;
    const auto begun = context.host.clock->steady();
    for (const std::string& id : killed) {
      const auto found = walk_.cgroups().find(id);
      const bool read = found == walk_.cgroups().end() ? neighbours_.read_usage(context, id)
                                                       : read_usage_of(context, id, found->second);
      if (!read) return false;
    }
    publish(context, sink, false);
    context.partial = true;
    memory_events_.killed_end(begun, context.host.clock->steady());
    return true;
  }

  Result<void> walk(CollectContext& context) {
    if (const auto walked = walk_.round(*context.host.cgroupfs, reader_->tree(), gone_); !walked) {
      reader_.reset();  // the file system may be another when it is there again
      memory_events_.forget();
      whole_at_.reset();
      return walked;
    }
    if (!walk_.changed()) return {};
    for (const auto& [id, cgroup] : walk_.cgroups()) {
      if (!cgroup.remade) continue;
      memory_events_.left(id);
      stalls_.forget(id);
    }
    return {};
  }

  /// What changes from moment to moment, of the cgroups of the round before. False when one of them has gone.
  bool read_usage(CollectContext& context) {
    for (auto& [id, cgroup] : walk_.cgroups()) {
      if (!cgroup.wanted) continue;
      if (context.stop.stop_requested() || !read_usage_of(context, id, cgroup)) return false;
      memory_events_.watch(*context.host.cgroupfs, id);
    }
    return neighbours_.read_usage(context);
  }

  bool read_usage_of(CollectContext& context, std::string_view id, Cgroup& cgroup) {
    if (!reader_->read_usage(context, id, cgroup.stats)) return false;
    if (reader_->tree().unified()) cgroup.tell_own_faults();
    return true;
  }

  Result<void> read_all(CollectContext& context) {
    huge_pages_.round(context);
    CgroupReader::Wanted wanted{.per_cpu = per_cpu_, .huge_pages = huge_pages_.names()};
    if (walk_.wanted() <= kKeptCgroups) wanted.keep = Keep::yes;
    reader_->want(wanted);
    if (processes_) processes_->begin();
    CgroupWalk::Cgroups& all = walk_.cgroups();
    for (auto each = all.begin(); each != all.end();) {
      if (context.stop.stop_requested()) return fail(Errc::timed_out, "cgroups");
      auto& [id, cgroup] = *each;
      if (cgroup.wanted) memory_events_.watch(*context.host.cgroupfs, id);
      const bool gone = cgroup.wanted && !reader_->read(context, id, cgroup.stats);
      if (!gone && processes_ && cgroup.wanted) look_at_processes(context, id, cgroup.stats);
      if (gone) memory_events_.left(id);
      if (gone && cgroup.reported) gone_.note(id, cgroup.inode, cgroup.last, cgroup.past, cgroup.names);
      each = gone ? all.erase(each) : std::next(each);
    }
    for (auto& [id, cgroup] : all) limit(id, cgroup);
    for (auto& [id, cgroup] : std::views::reverse(all)) add_to_parent(context, id, cgroup);
    if (networks_) networks_->find(context, walk_);
    if (machine_) machine_->read(context);
    wanted.keep = Keep::yes;  // each has a source of its own
    neighbours_.round(context, reader_->tree(), walk_, wanted, gone_);
    for (auto& [id, neighbour] : neighbours_.all()) finish(context, id, neighbour);
    return {};
  }

  void look_at_processes(CollectContext& context, std::string_view id, CgroupStats& stats) {
    if (const auto pids = reader_->processes(context, id)) processes_->read(context, *pids, id, stats);
  }

  // What is above a neighbour cannot be seen: its own limits are all that is known.
  void finish(CollectContext& context, std::string_view id, Neighbour& neighbour) {
    Cgroup& cgroup = neighbour.cgroup;
    CgroupStats& stats = cgroup.stats;
    cgroup.effective_cpu = stats.quota / stats.period;
    cgroup.effective_memory = stats.limit;
    if (neighbour.reader->tree().unified()) cgroup.tell_own_faults();
    if (std::isnan(cgroup.started) && stats.processes > 0) {
      cgroup.started = start_.of(context, Neighbours::processes(context, neighbour));
    }
    stats.started = cgroup.started;
    if (!processes_) return;
    if (const auto pids = Neighbours::processes(context, neighbour)) processes_->read(context, *pids, id, stats);
  }

  // What is above limits, too.
  void limit(std::string_view id, Cgroup& cgroup) {
    const Cgroup* parent = walk_.parent_of(id);
    cgroup.effective_cpu =
        std::fmin(cgroup.stats.quota / cgroup.stats.period, parent ? parent->effective_cpu : kAbsent);
    cgroup.effective_memory = std::fmin(cgroup.stats.limit, parent ? parent->effective_memory : kAbsent);
  }

  void add_to_parent(CollectContext& context, std::string_view id, Cgroup& cgroup) {
    CgroupStats& stats = cgroup.stats;
    if (reader_->tree().unified()) cgroup.tell_own_faults();
    if (std::isnan(cgroup.started) && cgroup.reported && stats.processes > 0) {
      cgroup.started = start_.of(context, reader_->processes(context, id));
    }
    stats.started = std::fmin(stats.started, cgroup.started);
    Cgroup* parent = walk_.parent_of(id);
    if (parent == nullptr || !parent->wanted) return;
    if (stats.processes > 0) parent->stats.processes = std::fmax(parent->stats.processes, 0) + stats.processes;
    parent->stats.started = std::fmin(parent->stats.started, stats.started);
    parent->stats.descriptors += stats.descriptors;  // absent when one is: half a sum is wrong
    parent->stats.sockets += stats.sockets;
  }

  void note_trend(Cgroup& cgroup) const { cgroup.trend.note(now_, cgroup.stats, cgroup.effective_memory); }

  // Above them the same stall would be told once more.
  void tell_stalls(CollectContext& context) {
    if (!reader_->tree().unified()) return;
    for (auto& [id, cgroup] : walk_.cgroups()) {
      if (cgroup.reported && cgroup.leaf) stalls_.watch(context, id, cgroup.stats);
    }
    stalls_.end();
  }

  void publish(CollectContext& context, Sink& sink, bool whole) {
    CgroupCounts counts{.seen = 0, .left_out = static_cast<double>(walk_.left_out())};
    for (auto& [id, cgroup] : walk_.cgroups()) {
      if (!cgroup.reported) continue;
      ++counts.seen;
      publish_one(context, sink, id, cgroup);
      if (networks_) networks_->publish(context, sink, labels_, id, whole);
      stalls_.publish(sink, labels_, id);
    }
    for (auto& [id, neighbour] : neighbours_.all()) {
      ++counts.seen;
      publish_one(context, sink, id, neighbour.cgroup);
    }
    publish_gone(sink);
    if (machine_) machine_->publish(sink);
    publish_cgroup_counts(sink, counts, reader_->tree().unified() ? "2" : "1");
  }

  // Only their counters, and what their path says, by which alert rules name them.
  void publish_gone(Sink& sink) {
    for (const auto& [id, entry] : gone_.entries()) {
      if (!entry.counters.any_event() || walk_.contains(id) || neighbours_.all().contains(id)) continue;
      labels_.set(id, entry.identity, entry.names.get());
      with_past_.clear();
      entry.counters.put_into(with_past_);
      publish_cgroup(sink, labels_, entry.identity, {.stats = with_past_});
    }
  }

  void publish_one(CollectContext& context, Sink& sink, std::string_view id, Cgroup& cgroup) {
    cgroup.note_reported();
    labels_.set(id, cgroup.identity, cgroup.names.get());
    const bool has_past = !cgroup.past.empty();
    if (has_past) {
      with_past_ = cgroup.stats;
      cgroup.past.add_to(with_past_);
    }
    publish_cgroup(sink, labels_, cgroup.identity,
                   {.stats = has_past ? with_past_ : cgroup.stats,
                    .effective_cpu = cgroup.effective_cpu,
                    .effective_memory = cgroup.effective_memory,
                    .seconds_to_limit = cgroup.trend.seconds_to_limit(),
                    .throttled_share = cgroup.trend.throttled_share(),
                    .last_seen = seen_at_});
    publish_devices(context, sink, labels_, device_names_, cgroup.stats.devices);
  }

  CgroupWalk walk_;
  bool per_cpu_;
  std::optional<CgroupReader> reader_;
  MemoryEvents memory_events_;
  CgroupStalls stalls_;
  WakeSet wake_{memory_events_.fd(), stalls_.fd()};
  CgroupKills kills_;
  HugePageSizes huge_pages_;
  std::optional<Machine> machine_;  ///< where all its cgroups are seen: in each pod it would be counted again
  std::optional<CgroupNetworks> networks_;
  std::optional<CgroupProcesses> processes_;
  Neighbours neighbours_;
  GoneCgroups gone_;
  std::optional<CgroupNaming> naming_;  ///< none: names are not wanted
  CgroupStats with_past_;               ///< of one that is being published
  CgroupLabels labels_;
  DeviceNames device_names_;
  CgroupStart start_;
  std::chrono::steady_clock::time_point now_;
  double seen_at_ = kAbsent;                                       ///< seconds since 1970, of the last round of all
  std::optional<std::chrono::steady_clock::time_point> whole_at_;  ///< when all was read last
};

std::span<const Family* const> all_families() {
  static const std::vector<const Family*> kAll = [] {
    std::vector<const Family*> all;
    for (const auto part : {cgroup_families(), cgroup_network_families(), connection_families(),
                            cgroup_stall_families(), machine_families()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return kAll;
}

// Start times and network devices are told to everybody who sees the process at all.
Powers powers(const Options& options, const Host& host) {
  const bool looks = options.flag("processes") || hides_processes(host) ||
                     Neighbours::may_look(cgroup_options::neighbours(options), *host.cgroupfs, *host.self);
  Powers powers;
  if (looks) powers.add(Power::read_processes);
  if (options.integer("stall_watches") > 0 && host.cgroupfs->is_kernel()) powers.add(Power::cgroup_triggers);
  return powers;
}

const Registration kRegistration{{.name = "cgroups",
                                  .enabled = false,
                                  .help = "What each cgroup uses, waits for and may use, as cAdvisor.",
                                  .options = cgroup_options::specs(),
                                  .families = all_families(),
                                  .remembered = remembered_cgroup_families(),
                                  .make = make_configured<Cgroups>,
                                  .powers = powers}};

}  // namespace
}  // namespace vitalsd
