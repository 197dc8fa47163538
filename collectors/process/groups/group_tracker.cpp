#include "collectors/process/groups/group_tracker.h"

#include <algorithm>
#include <ctime>

#include "collectors/formats/proc_stat.h"

namespace vitalsd {
namespace {

constexpr int kGenerations = 4096;             // only an inconsistent fixture can have a loop of parents
constexpr std::uint64_t kBootTimeRounds = 60;  // the clock may be set after the boot
constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;

// CPU times may fall when the kernel scales ticks to run time (kernel/sched/cputime.c cputime_adjust()), but by less
// than this. A larger fall is a counter that began again, whose growth would stay hidden until it had caught up.
constexpr std::uint64_t kMostBack = 3 * kNanosecondsPerSecond;

std::uint64_t highest(std::uint64_t now, std::uint64_t before) {
  return before > now && before - now < kMostBack ? before : now;
}

std::uint64_t children_of(const ProcessSample& sample) { return sample.children_user + sample.children_system; }

struct Remedy {
  std::string_view field, text;
};
constexpr std::string_view kPtrace = "run vitalsd as the user of these processes, or give it CAP_SYS_PTRACE";
constexpr std::string_view kPtraceAndSearch =
    "run vitalsd as the user of these processes, or give it CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH";

std::string_view remedy_for(std::string_view field, const Error& error) {
  if (error.code != Errc::denied) return {};
  return field == "smaps_rollup" ? kPtrace : kPtraceAndSearch;
}

// Each counter adds its growth; one that was not readable before begins now. Scaled ticks may step back a little, but a
// group's counter never falls.
struct Counter {
  std::uint64_t ProcessCounts::* member;
  Has needs;
};
constexpr Counter kCounters[] = {
    {&ProcessCounts::user, Has::none},
    {&ProcessCounts::system, Has::none},
    {&ProcessCounts::major_faults, Has::none},
    {&ProcessCounts::minor_faults, Has::none},
    {&ProcessCounts::run_delay, Has::run_delay},
    {&ProcessCounts::read_bytes, Has::io},
    {&ProcessCounts::write_bytes, Has::io},
    {&ProcessCounts::voluntary_switches, Has::switches},
    {&ProcessCounts::nonvoluntary_switches, Has::switches},
};

bool readable(Has has, Has needs) { return needs == Has::none || has & needs; }

void add_difference(ProcessCounts& total, const ProcessCounts& last, Has last_has, const ProcessCounts& now, Has has) {
  for (const auto& [member, needs] : kCounters) {
    if (!readable(has, needs) || !readable(last_has, needs)) continue;
    if (now.*member > last.*member) total.*member += now.*member - last.*member;
  }
}

}  // namespace

GroupTracker::GroupTracker(GroupOptions options, GroupRules rules)
    : options_(options), rules_(std::move(rules)), facts_reader_(rules_), smaps_reader_(options.smaps_limit) {}

Result<void> GroupTracker::update(CollectContext& context, ProcessSource& source, const Ended& ended) {
  begin_round(context);
  // One source counts in clock ticks, the other in nanoseconds.
  const bool changed = !source_.empty() && source_ != source.name();
  source_ = source.name();
  tick_ = changed ? kNanosecondsPerSecond / static_cast<std::uint64_t>(context.host.units.ticks_per_second) : 0;
  const auto samples = source.scan(context);
  if (!samples) {
    ++errors_.scrapes;
    return fail(samples.error());
  }
  met_.swap(met_last_);
  met_.clear();
  cursor_ = 0;
  for (const ProcessSample& sample : *samples) met_.push_back(meet(context, sample));
  match_new(context);
  for (std::size_t i = 0; i < met_.size(); ++i) {
    if (met_[i] != nullptr && !account(context, source, *met_[i], (*samples)[i])) met_[i] = nullptr;
  }
  if (ended) count_exits(ended());
  bury();
  settle_children();
  sample_usage(steady_now_);
  end_round();
  return {};
}

void GroupTracker::begin_round(CollectContext& context) {
  now_ = context.host.clock->now();
  steady_now_ = context.host.clock->steady();
  if (!boot_time_ || round_ % kBootTimeRounds == 0) read_boot_time(context);
  if (round_++ == 0 && first_update_ == 0) {
    const auto ticks = static_cast<std::uint64_t>(context.host.units.ticks_per_second);
    if (timespec now{}; context.host.procfs->is_kernel() && ::clock_gettime(CLOCK_BOOTTIME, &now) == 0) {
      first_update_ = static_cast<std::uint64_t>(now.tv_sec) * ticks +
                      static_cast<std::uint64_t>(now.tv_nsec) * ticks / kNanosecondsPerSecond;
    } else {
      const auto wall = static_cast<std::uint64_t>(unix_seconds(now_));
      first_update_ = (wall - std::min(wall, boot_time_.value_or(0))) * ticks;
    }
  }
  for (auto& [name, group] : groups_) group.begin_round();
  child_times_.begin();
  noted_.clear();
  if (options_.smaps) smaps_reader_.begin_round(context);
}

void GroupTracker::read_boot_time(CollectContext& context) {
  const auto text = context.host.procfs->read("stat", context.buffer);
  if (!text) return;
  NoFaults unheard;  // the stat collector reports bad lines
  if (const auto totals = proc_stat::parse_totals(*text, unheard)) boot_time_ = totals->boot_time;
}

// Most sources return processes in the order of their pids, so one walk along those of the last round finds them all,
// and lets the CPU prefetch the next ones.
GroupTracker::Process* GroupTracker::met_before(std::int32_t pid) noexcept {
  constexpr std::size_t kAhead = 8;
  while (cursor_ < met_last_.size() && (met_last_[cursor_] == nullptr || met_last_[cursor_]->id.pid < pid)) ++cursor_;
  if (cursor_ + kAhead < met_last_.size()) __builtin_prefetch(met_last_[cursor_ + kAhead]);
  return cursor_ < met_last_.size() && met_last_[cursor_]->id.pid == pid ? met_last_[cursor_] : nullptr;
}

// Finds the process's entry, or makes one and has it matched.
GroupTracker::Process* GroupTracker::meet(CollectContext& context, const ProcessSample& sample) {
  if (sample.unread == "stat") {
    ++errors_.processes;
    return nullptr;
  }
  Process* known = met_before(sample.id.pid);
  bool added = false;
  if (known == nullptr) {
    const auto made = processes_.try_emplace(sample.id.pid);
    known = &made.first->second;
    added = made.second;
  }
  Process& process = *known;
  if (!added && process.id != sample.id) {  // the pid was reused
    note_gone(process);
    process = {};
    added = true;
  }
  process.steady = sample.unchanged && process.seen + 1 == round_;
  process.seen = round_;
  process.parent = sample.ppid;
  if (added) {
    process.id = sample.id;
    if (!born_later(sample.id)) {  // the baseline
      process.last = sample.counts;
      process.children = children_of(sample);
    }
  }
  // A new program may belong to another group. If no rule matches it, it stays in its group.
  const bool executed = process.exec_id != 0 && sample.exec_id != 0 && process.exec_id != sample.exec_id;
  process.exec_id = sample.exec_id;
  if ((process.group != nullptr || process.settled) && !executed) return &process;
  if (!facts_reader_.read(context, sample, boot_time_.value_or(0), facts_)) {
    processes_.erase(sample.id.pid);  // it has ended and will count among its parent's children
    return nullptr;
  }
  if (rules_.match(facts_, name_)) {
    process.group = &group_of(name_);
    process.settled = true;
  } else if (process.group == nullptr) {
    process.settled = false;
    unmatched_.push_back(&sample);
  }
  return &process;
}

void GroupTracker::match_new(CollectContext& context) {
  for (const ProcessSample* sample : unmatched_) {
    if (options_.children) inherited(sample->id.pid, 0);
  }
  for (const ProcessSample* sample : unmatched_) {
    Process& process = processes_.find(sample->id.pid)->second;
    if (process.group == nullptr) give_up_matching(context, process);
  }
  unmatched_.clear();
}

// The group of the nearest ancestor that has one. An ancestor that is known to have none ends the search.
Group* GroupTracker::inherited(std::int32_t pid, int depth) {
  const auto found = processes_.find(pid);
  if (found == processes_.end() || found->second.seen != round_ || depth > kGenerations) return nullptr;
  Process& process = found->second;
  if (process.group == nullptr && !process.settled) {
    process.group = inherited(process.parent, depth + 1);
    process.settled = process.group != nullptr;
  }
  return process.group;
}

void GroupTracker::give_up_matching(CollectContext& context, Process& process) {
  process.settled = !options_.recheck;
  if (!options_.recheck || options_.recheck_limit.count() == 0) return;
  const double started = static_cast<double>(boot_time_.value_or(0)) + context.host.units.ticks(process.id.start);
  process.settled = unix_seconds(now_) >= started + seconds(options_.recheck_limit);
}

void GroupTracker::expect_literal_names() {
  for (const std::string& name : rules_.literal_names()) {
    Group& group = group_of(name);
    group.named = true;
    group.hidden = false;
  }
}

Group& GroupTracker::group_of(std::string_view name) {
  if (const auto known = groups_.find(name); known != groups_.end()) return known->second;
  if (groups_.size() >= options_.max_groups && name != kOther) {
    ++errors_.folded;
    return group_of(kOther);
  }
  Group& made = groups_.emplace(std::string(name), Group(std::string(name))).first->second;
  made.fixed = rules_.names_outright(name);
  made.hidden = options_.top != 0 && groups_.size() > options_.top && name != kOther;
  return made;
}

// Returns false if the process has ended meanwhile.
bool GroupTracker::account(CollectContext& context, ProcessSource& source, Process& process,
                           const ProcessSample& scanned) {
  if (process.steady && tick_ == 0 && !options_.threads && !options_.smaps) {
    if (process.group == nullptr) return true;
    if (process.has == scanned.has) {
      add_state(counted_in(*process.group), scanned);
      process.group->all_bytes += scanned.resident_bytes;
      note_met(*process.group);
      return true;
    }
  }
  if (tick_ != 0) rebase(process, scanned);
  if (const std::uint64_t children = children_of(scanned); children > process.children) {
    child_times_.grew(scanned.id.pid, children - process.children);
    process.children = children;
  } else {
    process.children = highest(children, process.children);
  }
  if (process.group == nullptr) {
    const ProcessCounts last = process.last;
    process.last = scanned.counts;
    for (const auto member : {&ProcessCounts::user, &ProcessCounts::system}) {
      if (scanned.counts.*member > last.*member) other_cpu_ += scanned.counts.*member - last.*member;
      process.last.*member = highest(scanned.counts.*member, last.*member);
    }
    return true;
  }
  ProcessSample sample = scanned;
  Group& group = counted_in(*process.group);
  if (!source.detail(context, sample)) {  // it has ended: what is known of it is kept
    process.seen = 0;
    return false;
  }
  if (options_.threads && sample.threads > 1) {
    read_threads(context, process, group, sample);
  } else {
    process.threads.clear();
    if (options_.threads) read_wchan(context, group, sample);
  }
  if (options_.smaps) {
    if (const auto done = smaps_reader_.read(context, sample, process.smaps); !done) {
      note_unread(context, sample, "smaps_rollup", done.error());
    }
  }
  if (!sample.unread.empty()) note_unread(context, sample, sample.unread, sample.error);
  if (std::exchange(partial_noted_, false)) ++errors_.partial;
  note_met(*process.group);
  add_growth(process, group, sample);
  add_state(group, sample);
  process.group->all_bytes += sample.resident_bytes;
  if (process.smaps.known) {
    group.pss = true;
    group.pss_bytes += process.smaps.pss;
    group.swap_pss_bytes += process.smaps.swap_pss;
  }
  return true;
}

// A remainder of less than a tick existed before, so it must not look like growth.
void GroupTracker::rebase(Process& process, const ProcessSample& sample) const {
  const auto take = [this](std::uint64_t& last, std::uint64_t now) {
    if (now > last && now - last < tick_) last = now;
  };
  take(process.last.user, sample.counts.user);
  take(process.last.system, sample.counts.system);
  const std::uint64_t children = children_of(sample);
  if (children > process.children && children - process.children < 2 * tick_) process.children = children;
}

// A process that ended between two reads or is a zombie hides nothing. One fault is reported for all processes whose
// same field cannot be read.
void GroupTracker::note_unread(CollectContext& context, const ProcessSample& sample, std::string_view field,
                               const Error& error) {
  if (error.code == Errc::vanished || sample.state == 'Z') return;
  partial_noted_ = true;
  if (std::ranges::find(noted_, field) != noted_.end()) return;
  noted_.push_back(field);
  context.faults.partial("processes", field, error, remedy_for(field, error));
}

void GroupTracker::add_growth(Process& process, Group& group, const ProcessSample& sample) {
  // A field that was not read before counts in full if the process was born later; otherwise it is the baseline.
  const Has before = process.has == Has::none && born_later(sample.id) ? sample.has : process.has;
  const std::uint64_t cpu = group.total.cpu();
  add_difference(group.total, process.last, before, sample.counts, sample.has);
  process.group->all_cpu += group.total.cpu() - cpu;
  group.counted |= sample.has;
  const ProcessCounts last = process.last;
  process.last = sample.counts;
  // Scaled tick counts may step back by one, so keep the highest, which was counted.
  process.last.user = highest(process.last.user, last.user);
  process.last.system = highest(process.last.system, last.system);
  process.has = sample.has;
}

void GroupTracker::add_state(Group& group, const ProcessSample& sample) {
  if (group.processes++ == 0 || sample.id.start < group.oldest_start) group.oldest_start = sample.id.start;
  group.has |= sample.has;
  group.states += sample.states;
  group.threads += sample.threads;
  group.virtual_bytes += sample.virtual_bytes;
  group.resident_bytes += sample.resident_bytes;
  group.anon_bytes += sample.anon_bytes;
  group.file_bytes += sample.file_bytes;
  group.shmem_bytes += sample.shmem_bytes;
  group.swap_bytes += sample.swap_bytes;
  group.fds += sample.fds;
  if (sample.has & Has::fds && sample.has & Has::fd_limit && sample.fd_limit != 0) {
    group.worst_fd_ratio =
        std::max(group.worst_fd_ratio, static_cast<double>(sample.fds) / static_cast<double>(sample.fd_limit));
  }
}

void GroupTracker::read_wchan(CollectContext& context, Group& group, const ProcessSample& sample) {
  const auto done = thread_reader_.read_wchan(context, sample.id.pid, name_);
  if (!done) note_unread(context, sample, "wchan", done.error());
  if (done) add_wchan(group, name_);
}

void GroupTracker::add_wchan(Group& group, const std::string& wchan) {
  if (wchan.empty()) return;
  const auto known = group.wchans.find(wchan);
  ++(known == group.wchans.end() ? group.wchans.try_emplace(wchan).first : known)->second;
}

// Adds the threads by name. Replaces the switches and states of the first thread by those of all.
void GroupTracker::read_threads(CollectContext& context, Process& process, Group& group, ProcessSample& sample) {
  std::optional<Error> failed;
  const auto threads = thread_reader_.read(context, sample.id.pid, ThreadReader::Depth::all, failed);
  if (!threads || failed) note_unread(context, sample, "task", threads ? *failed : threads.error());
  if (!threads || threads->size() < 2) return;
  std::vector<Thread>& known = process.threads;
  const auto before = static_cast<std::ptrdiff_t>(known.size());
  constexpr ProcessCounts kNothing;
  // Adds each thread's growth to the previous sum of the process, so that a thread that ends takes nothing away.
  const bool anew = before == 0 && !process.restored;
  ProcessCounts sum = anew ? kNothing : process.last;
  sample.states = {};
  for (const ThreadSample& thread : *threads) {
    sample.states.add(thread.state);
    const auto end = known.begin() + before;
    const auto old =
        std::ranges::lower_bound(known.begin(), end, thread.id.pid, {}, [](const Thread& t) { return t.id.pid; });
    const bool same = old != end && old->id == thread.id;
    add_difference(sum,
                   same               ? old->last
                   : process.restored ? thread.counts
                                      : kNothing,
                   thread.has, thread.counts, thread.has);
    // By name, a new thread counts in full if it was born later, as a process does.
    const bool in_full = born_later(thread.id) && !process.restored;
    const ProcessCounts& last = same ? old->last : in_full ? kNothing : thread.counts;
    auto entry = group.by_thread.find(std::string_view(thread.comm));
    if (entry == group.by_thread.end()) entry = group.by_thread.try_emplace(std::string(thread.comm)).first;
    ThreadGroup& named = entry->second;
    ++named.threads;
    named.last_seen = round_;
    named.io = named.io || thread.has & Has::io;
    add_difference(named.total, last, thread.has, thread.counts, thread.has);
    known.push_back({thread.id, thread.counts});
    add_wchan(group, thread.wchan);
  }
  process.restored = false;
  known.erase(known.begin(), known.begin() + before);
  std::ranges::sort(known, {}, [](const Thread& thread) { return thread.id.pid; });
  sample.counts.voluntary_switches = sum.voluntary_switches;
  sample.counts.nonvoluntary_switches = sum.nonvoluntary_switches;
}

}  // namespace vitalsd
