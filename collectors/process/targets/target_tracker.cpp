#include "collectors/process/targets/target_tracker.h"

#include <unistd.h>

#include <algorithm>

#include "collectors/formats/pid/pid_file.h"
#include "collectors/formats/pid/pid_status.h"
#include "collectors/formats/proc_stat.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

using Time = std::chrono::system_clock::time_point;

constexpr auto kRecount = std::chrono::seconds(60);
constexpr double kPidFileTolerance = 5;  // seconds: the boot time is in whole seconds and changes when the clock is set
constexpr std::size_t kMostKeptFiles = 8;

}  // namespace

TargetTracker::TargetTracker(std::vector<TargetSpec> specs) : stats_(specs.size()), finder_(specs.size()) {
  targets_.reserve(specs.size());
  for (TargetSpec& spec : specs) targets_.emplace_back(std::move(spec));
  if (!targets_.empty()) watch_.emplace();
}

std::size_t TargetTracker::kept_files() const noexcept { return kMostKeptFiles; }

Result<void> TargetTracker::update(CollectContext& context) {
  boot_time_read_ = false;
  if (watch_) {
    watch_->take_ended([this](std::uint32_t key) {
      Target& target = targets_[key];
      target.ended = true;
      target.ending.pidfd = watch_->release(target.pidfd);
    });
  }
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    targets_[i].unreadable.clear();
    check_known(context, i);
    targets_[i].exits.settle(context, targets_[i].spec.name, targets_[i].ending);
    if (targets_[i].spec.needs_walk()) continue;
    if (const auto found = find_direct(context, i); !found) return found;
  }
  if (const auto found = find_by_walk(context); !found) return found;
  bind_again(context);
  return {};
}

// Those whose pidfd was refused for want of something: until it is there, ticks find out of their end.
void TargetTracker::bind_again(CollectContext& context) {
  const auto now = context.host.clock->steady();
  if (lack_ && retry_.due(now)) {
    retry_.asked(now);
    lack_.reset();
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (targets_[i].presence == Presence::up && !targets_[i].pidfd) {
        (void)bind(context, i, targets_[i].process);  // one that has ended is found out by the next tick
      }
    }
    if (!lack_) retry_.granted();
  }
  if (lack_) {
    context.faults.partial("targets", "pidfd", *lack_, "raise the limit of descriptors (LimitNOFILE=) or memory");
  }
}

Result<PidStat> TargetTracker::look(CollectContext& context, std::int32_t pid, Keep keep) {
  const auto text =
      read_process_file(*context.host.procfs, &FileSource::read, path_(pid, "stat"), context.buffer, keep);
  if (!text) return fail(text.error());
  auto stat = pid_stat::parse(*text);
  if (stat) {
    stat->comm = {};  // the buffer is reused
    stat->pid = pid;
  }
  return stat;
}

void TargetTracker::unbind(Target& target) {
  if (watch_) watch_->forget(target.pidfd);
  target.presence = Presence::absent;
}

// Notes the end of a process that was up. Gives up on an earlier one whose status has not arrived yet.
void TargetTracker::note_end(CollectContext& context, Target& target) {
  if (target.presence != Presence::up) return;
  if (target.pidfd && watch_) target.ending.pidfd = watch_->release(target.pidfd);
  target.ending.process = target.process;
  target.ending.since = context.host.clock->steady();
  target.ending.oom_cgroup = target.oom.killed_in(context);
  target.ending.resident = target.oom.resident();
}

void TargetTracker::settle(Target& target, Presence presence, const PidStat& stat) {
  target.presence = presence;
  target.state = stat.state;
  stats_[static_cast<std::size_t>(&target - targets_.data())] = stat;
}

void TargetTracker::check_known(CollectContext& context, std::size_t index) {
  Target& target = targets_[index];
  if (target.presence == Presence::unknown) target.presence = Presence::absent;
  if (target.presence == Presence::absent) return;
  const auto stat = look(context, target.process.pid, kept_files() > 0 ? Keep::yes : Keep::no);
  if (!stat && !is_gone(stat.error())) {
    unbind(target);
    target.presence = Presence::unknown;
    note_unreadable(context, target, "stat", stat.error());
  } else if (!stat || stat->starttime != target.process.start || (target.ended && !has_ended(*stat))) {
    note_end(context, target);
    unbind(target);
  } else if (has_ended(*stat)) {
    note_end(context, target);
    settle(target, Presence::zombie, *stat);
  } else {
    settle(target, Presence::up, *stat);
  }
}

Result<void> TargetTracker::find_direct(CollectContext& context, std::size_t index) {
  Target& target = targets_[index];
  if (target.spec.selector == Selector::pid) {
    if (target.presence != Presence::absent) return {};
    return consider(context, index, target.spec.pid, std::nullopt);
  }
  std::optional<Time> written;
  const auto pid = read_pid_file(context, target, written);
  if (!pid) return fail(pid.error());
  if (!*pid || (target.presence == Presence::up && **pid == target.process.pid)) return {};
  return consider(context, index, **pid, written);
}

Result<std::optional<std::int32_t>> TargetTracker::read_pid_file(CollectContext& context, Target& target,
                                                                 std::optional<Time>& written) {
  const FileSource& rootfs = *context.host.rootfs;
  const auto refused = [&](const Error& error) -> std::optional<std::int32_t> {
    // No pid file means that it is not started. A known process lives on without its file.
    if (!is_gone(error) && target.presence != Presence::up) note_unreadable(context, target, "pidfile", error);
    return std::nullopt;
  };
  const auto read =
      rootfs.regular(target.spec.value, file_);  // the file's owner may replace it by a FIFO at any moment
  if (!read) return refused(read.error());
  const auto pid = pid_file::parse(read->text);
  if (!pid) return refused(pid.error());
  written = read->modified;
  return *pid;
}

Result<void> TargetTracker::consider(CollectContext& context, std::size_t index, std::int32_t pid,
                                     std::optional<Time> written) {
  Target& target = targets_[index];
  const std::string_view field = written ? "pidfile" : "pid";
  const auto stat = look(context, pid, Keep::no);
  if (!stat) {
    // Without any procfs nothing is known about the process.
    if (is_gone(stat.error())) return read_boot_time(context);
    if (target.presence == Presence::up) return {};
    target.presence = Presence::unknown;
    note_unreadable(context, target, "stat", stat.error());
    return {};
  }
  // A number names the process that had it when it was first seen; a later one with the same pid is another.
  if (target.spec.selector == Selector::pid && target.last.pid != 0 &&
      (target.ended || target.last != ProcessId{pid, stat->starttime})) {
    return {};
  }
  if (target.presence != Presence::absent && (has_ended(*stat) || target.process == ProcessId{pid, stat->starttime}))
    return {};
  if (const auto read = read_boot_time(context); !read) return read;
  if (written && boot_time_ &&
      *boot_time_ + context.host.units.ticks(stat->starttime) > unix_seconds(*written) + kPidFileTolerance) {
    note_unreadable(context, target, field, {Errc::malformed, 0, "stale pid file"}, "stale_pidfile");
    return {};
  }
  // A thread id opens a directory in /proc, too, though no listing shows it.
  if (const auto text = context.host.procfs->read(path_(pid, "status"), file_); text) {
    NoFaults unheard;  // the reader that needs a lost line reports it
    const auto status = pid_status::parse(*text, unheard);
    if (status && status->tgid && *status->tgid != static_cast<std::uint64_t>(pid)) {
      note_unreadable(context, target, field, {Errc::malformed, 0, "pid"}, "thread_id");
      return {};
    }
  }
  adopt(context, index, *stat);
  return {};
}

Result<void> TargetTracker::find_by_walk(CollectContext& context) {
  bool wanted = false, missing = false;
  for (const Target& target : targets_) {
    wanted |= target.spec.needs_walk();
    missing |= target.spec.needs_walk() && target.presence != Presence::up;
  }
  const auto now = context.host.clock->steady();
  if (!wanted || (!missing && walked_ && now - *walked_ < kRecount)) return {};
  if (const auto walked = finder_.walk(context, targets_, self_in(context)); !walked) return walked;
  walked_ = now;
  if (const auto read = read_boot_time(context); !read) return read;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    Target& target = targets_[i];
    if (!target.spec.needs_walk()) continue;
    const TargetMatches& matches = finder_.found(i);
    target.matches = matches.all.size();
    if (target.presence == Presence::up) continue;
    if (const auto main = matches.main()) {
      const auto stat = look(context, main->pid, Keep::no);
      if (stat && stat->starttime == main->start && !has_ended(*stat)) adopt(context, i, *stat);
    } else if (matches.error) {
      note_unreadable(context, target, matches.denied, *matches.error);
    }
  }
  return {};
}

void TargetTracker::adopt(CollectContext& context, std::size_t index, const PidStat& stat) {
  Target& target = targets_[index];
  const ProcessId process{stat.pid, stat.starttime};
  unbind(target);
  if (!has_ended(stat) && !bind(context, index, process)) return;
  target.process = process;
  target.uid.reset();
  target.start_time.reset();
  if (boot_time_) target.start_time = *boot_time_ + context.host.units.ticks(process.start);
  if (target.last.pid != 0 && (target.ended || target.last != process)) ++target.restarts;
  target.last = process;
  target.ended = false;
  settle(target, has_ended(stat) ? Presence::zombie : Presence::up, stat);
}

bool TargetTracker::bind(CollectContext& context, std::size_t index, const ProcessId& process) {
  if (!pidfds_fit(context)) return true;
  auto pidfd = watch_->watch(process.pid, static_cast<std::uint32_t>(index));
  if (!pidfd && is_exhausted(pidfd.error().sys)) lack_ = pidfd.error();
  if (!pidfd) return pidfd.error().code != Errc::vanished;
  targets_[index].pidfd = std::move(*pidfd);
  // Only a read after pidfd_open() shows whose pidfd it is.
  const auto stat = look(context, process.pid, Keep::no);
  if (stat && stat->starttime == process.start) return true;
  watch_->forget(targets_[index].pidfd);
  const bool unseen = !stat && is_exhausted(stat.error().sys);  // it is known from before, and has no pidfd for now
  if (unseen) lack_ = stat.error();
  return unseen;
}

bool TargetTracker::still_up(CollectContext& context, Target& target) {
  if (target.pidfd && !PidWatch::has_ended(target.pidfd)) return true;
  const auto stat = look(context, target.process.pid, Keep::no);
  if (!stat && !is_gone(stat.error())) {  // no descriptor was left for it, say: it need not have ended
    unbind(target);
    target.presence = Presence::unknown;
    note_unreadable(context, target, "stat", stat.error());
    return false;
  }
  if (!stat || stat->starttime != target.process.start) {
    note_end(context, target);
    unbind(target);
    return false;
  }
  if (!has_ended(*stat)) return true;
  note_end(context, target);
  settle(target, Presence::zombie, *stat);
  return false;
}

std::int32_t TargetTracker::self_in(CollectContext& context) {
  const auto link = context.host.procfs->link("self", file_);
  return link ? parse_number<std::int32_t>(*link, "self").value_or(0) : 0;
}

// The pids of a procfs are valid for pidfd_open() if it belongs to our own pid namespace: then it lists us under our
// own pid and shows no inner namespace.
bool TargetTracker::pidfds_fit(CollectContext& context) {
  if (!watch_ || !context.host.procfs->is_kernel() || self_in(context) != ::getpid()) return false;
  const auto text = context.host.procfs->read("self/status", file_);
  if (!text) return false;
  NoFaults unheard;
  const auto status = pid_status::parse(*text, unheard);
  return status && status->pid_namespaces <= 1;
}

Result<void> TargetTracker::read_boot_time(CollectContext& context) {
  if (boot_time_read_) return {};
  const auto text = context.host.procfs->read("stat", file_);
  if (!text) return fail(text.error());
  boot_time_read_ = true;
  boot_time_ = proc_stat::boot_time(*text);
  return {};
}

}  // namespace vitalsd
