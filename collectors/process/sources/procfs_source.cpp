#include "collectors/process/sources/procfs_source.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

#include "collectors/formats/pid/pid_io.h"
#include "collectors/formats/pid/pid_limits.h"
#include "collectors/formats/pid/pid_schedstat.h"
#include "collectors/formats/pid/pid_stat.h"
#include "collectors/formats/pid/pid_status.h"
#include "collectors/kit/first_fault.h"
#include "collectors/process/sources/stat_sample.h"
#include "core/kept_files.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::size_t kOneRead =
    8U << 10U;                             // enough for stat, status and io; a longer file is read again by the source
constexpr std::uint64_t kAwakeRounds = 8;  // a process without a change for so long is asleep
constexpr std::uint64_t kLimitsRounds = 16;  // only prlimit() changes limits, which is rare
constexpr std::array<std::string_view, 4> kNames = {"stat", "schedstat", "status", "io"};

// Ends the detail only if the process has ended; otherwise notes the error in the sample and continues.
Result<void> keep_going(const Result<void>& done, std::string_view field, ProcessSample& sample) {
  if (done || done.error().code == Errc::unavailable) return {};
  if (done.error().code == Errc::vanished) return done;
  if (sample.unread.empty()) {
    sample.unread = field;
    sample.error = done.error();
  }
  return {};
}

}  // namespace

std::size_t procfs_descriptor_budget() { return KeptBudget::processes_for(descriptor_limit(1U << 20U)); }

// A kept descriptor belongs to its process for ever: if the pid is reused, it fails with ESRCH.
Result<std::string_view> ProcfsSource::read(CollectContext& context, Process& process, File file) {
  const FileSource& files = *context.host.procfs;
  const std::string_view path = path_(process.id.pid, kNames[file]);
  if (!files.is_kernel()) return files.read(path, context.buffer);
  Fd& kept = process.files[file];
  Fd opened;
  if (!kept) {
    auto fd = files.open(path);
    if (!fd) return fail(fd.error());
    opened.reset(*fd);
  }
  if (context.buffer.size() < kOneRead) context.buffer.resize(kOneRead);
  const int fd = kept ? kept.get() : opened.get();
  const ssize_t got = ::pread(fd, context.buffer.data(), kOneRead, 0);
  if (got < 0) return fail(classify_errno(errno), kNames[file], errno);
  if (opened && process.keep && open_ < budget_) {
    kept = std::move(opened);
    ++open_;
  }
  if (static_cast<std::size_t>(got) == kOneRead) return files.read(path, context.buffer);
  return std::string_view(context.buffer.data(), static_cast<std::size_t>(got));
}

Result<std::span<const ProcessSample>> ProcfsSource::scan(CollectContext& context) {
  samples_.clear();
  ++round_;
  if (const auto listed = context.host.procfs->list("", names_); !listed) return fail(listed.error());
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const std::string_view name = names_[i];
    if (name.front() < '1' || name.front() > '9') continue;
    const auto pid = parse_number<std::int32_t>(name, "pid");
    if (!pid) continue;
    if (context.stop.stop_requested()) return fail(Errc::timed_out, "processes");
    if (const auto done = scan_one(context, *pid); !done && !is_gone(done.error())) {
      samples_.push_back({.id = {*pid, 0}, .unread = "stat", .error = done.error()});
    }
  }
  forget_the_dead();
  share_budget();
  return samples_;
}

Result<void> ProcfsSource::scan_one(CollectContext& context, std::int32_t pid) {
  auto& slot = processes_[pid];
  if (!slot) slot = std::make_unique<Process>();
  slot->id.pid = pid;
  auto text = read(context, *slot, kStat);
  if (!text && slot->files[kStat]) {  // another process has the pid now
    close(*slot);
    *slot = Process{.id = {pid, 0}, .files = {}, .last = {}, .threads = {}};
    text = read(context, *slot, kStat);
  }
  if (!text) return fail(text.error());
  ProcessSample& sample = samples_.emplace_back();
  if (!take_stat(context, *slot, sample, *text)) {
    samples_.pop_back();
    return fail(Errc::malformed, "pid stat");
  }
  slot->seen = round_;
  return {};
}

bool ProcfsSource::take_stat(CollectContext& context, Process& process, ProcessSample& sample, std::string_view text) {
  const auto stat = pid_stat::parse(text);
  if (!stat) return false;
  if (process.id.start != stat->starttime) {
    process =
        Process{.id = {process.id.pid, stat->starttime}, .files = std::move(process.files), .last = {}, .threads = {}};
    process.changed = round_;
  }
  sample = sample_of(*stat, context.host.units);
  sample.id = process.id;
  return true;
}

// Whether a process with one thread has not run since its detail was last read. Then the detail is unchanged, except
// for what the kernel does to its memory, which stat shows.
bool ProcfsSource::slept(const Process& process, const ProcessSample& sample, const PidSchedstat& sched) {
  const ProcessSample& last = process.last;
  return process.detailed && process.run_time == sched.run_time && sample.threads == 1 && last.threads == 1 &&
         last.state == sample.state && process.resident_before == sample.resident_bytes;
}

Result<void> ProcfsSource::detail(CollectContext& context, ProcessSample& sample) {
  const auto found = processes_.find(sample.id.pid);
  if (found == processes_.end() || found->second->id != sample.id) return fail(Errc::vanished, "process");
  Process& process = *found->second;
  PidSchedstat sched;
  const auto sched_read = read_schedstat(context, process, sched);
  if (sched.counted() && slept(process, sample, sched)) {
    const std::int32_t ppid = sample.ppid;  // the only field that others change
    sample = process.last;
    sample.ppid = ppid;
    return {};
  }
  process.changed = round_;
  process.resident_before = sample.resident_bytes;
  if (sched.counted()) {
    sample.counts.run_delay = sched.run_delay;
    sample.has |= Has::run_delay;
  }
  if (const auto done = keep_going(sched_read, "schedstat", sample); !done) return done;
  if (const auto done = keep_going(read_status(context, process, sample), "status", sample); !done) return done;
  if (const auto done = keep_going(read_io(context, process, sample), "io", sample); !done) return done;
  if (const auto done = keep_going(read_descriptors(context, process, sample), "fd", sample); !done) return done;
  if (sum_threads_ && sample.threads > 1) {
    if (const auto done = keep_going(read_threads(context, process, sample), "task", sample); !done) return done;
  }
  process.last = sample;
  process.detailed = sched.counted() && context.host.procfs->is_kernel();
  process.run_time = sched.run_time;
  return {};
}

Result<void> ProcfsSource::read_schedstat(CollectContext& context, Process& process, PidSchedstat& sched) {
  const auto text = read(context, process, kSchedstat);
  if (!text) return fail(text.error());
  const auto parsed = pid_schedstat::parse(*text);
  if (!parsed) return fail(parsed.error());
  sched = *parsed;
  return {};
}

Result<void> ProcfsSource::read_status(CollectContext& context, Process& process, ProcessSample& sample) {
  const auto text = read(context, process, kStatus);
  if (!text) return fail(text.error());
  FirstFault lost;
  const auto status = pid_status::parse(*text, lost);
  if (!status) return fail(status.error());
  if (status->euid) {
    sample.uid = static_cast<std::uint32_t>(*status->euid);
    sample.has |= Has::uid;
  }
  if (status->anon && status->file && status->shmem) {
    sample.anon_bytes = *status->anon;
    sample.file_bytes = *status->file;
    sample.shmem_bytes = *status->shmem;
    sample.resident_bytes = sample.anon_bytes + sample.file_bytes + sample.shmem_bytes;
    sample.has |= Has::resident;
  }
  if (status->swap) {
    sample.swap_bytes = *status->swap;
    sample.has |= Has::swap;
  }
  if (status->voluntary_switches && status->nonvoluntary_switches) {
    sample.counts.voluntary_switches = *status->voluntary_switches;
    sample.counts.nonvoluntary_switches = *status->nonvoluntary_switches;
    sample.has |= Has::switches;
  }
  return lost.result();
}

Result<void> ProcfsSource::read_io(CollectContext& context, Process& process, ProcessSample& sample) {
  const auto text = read(context, process, kIo);
  if (!text) return fail(text.error());
  FirstFault lost;
  const auto io = pid_io::parse(*text, lost);
  if (!io) return fail(io.error());
  if (io->read_bytes && io->write_bytes) {
    sample.counts.read_bytes = *io->read_bytes;
    sample.counts.write_bytes = *io->write_bytes;
    sample.has |= Has::io;
  }
  return lost.result();
}

Result<void> ProcfsSource::read_descriptors(CollectContext& context, Process& process, ProcessSample& sample) {
  const auto count = context.host.procfs->count(path_(process.id.pid, "fd"), fd_names_);
  if (!count) return fail(count.error());
  sample.fds = *count;
  sample.has |= Has::fds;
  const ProcessSample& last = process.last;
  if (context.host.procfs->is_kernel() && last.has & Has::fd_limit && round_ < process.limits_read + kLimitsRounds) {
    sample.fd_limit = last.fd_limit;
    sample.has |= Has::fd_limit;
    return {};
  }
  const auto text = context.host.procfs->read(path_(process.id.pid, "limits"), context.buffer);
  if (!text) return fail(text.error());
  FirstFault lost;
  const auto limits = pid_limits::parse(*text, lost);
  if (!limits) return fail(limits.error());
  if (!limits->open_files) return lost.result();
  sample.fd_limit = *limits->open_files;
  sample.has |= Has::fd_limit;
  process.limits_read = round_;
  return {};
}

// The counts in status are of the first thread only. Those of ended threads stay in the sum.
Result<void> ProcfsSource::read_threads(CollectContext& context, Process& process, ProcessSample& sample) {
  std::optional<Error> failed;
  const auto threads = threads_.read(context, process.id.pid, ThreadReader::Depth::switches, failed);
  if (!threads) return fail(threads.error());
  const ProcessSample& last = process.last;
  ProcessCounts& counts = sample.counts;
  const bool known = last.has & Has::switches && !process.threads.empty();
  counts.voluntary_switches = known ? last.counts.voluntary_switches : 0;
  counts.nonvoluntary_switches = known ? last.counts.nonvoluntary_switches : 0;
  sample.states = {};
  std::vector<Switches>& seen = process.threads;
  const auto before = static_cast<std::ptrdiff_t>(seen.size());
  for (const ThreadSample& thread : *threads) {
    sample.states.add(thread.state);
    const Switches now{thread.id.pid, thread.counts.voluntary_switches, thread.counts.nonvoluntary_switches};
    const auto end = seen.begin() + before;
    const auto old = std::ranges::lower_bound(seen.begin(), end, now.tid, {}, &Switches::tid);
    const bool same =
        old != end && old->tid == now.tid && old->voluntary <= now.voluntary && old->nonvoluntary <= now.nonvoluntary;
    counts.voluntary_switches += now.voluntary - (same ? old->voluntary : 0);
    counts.nonvoluntary_switches += now.nonvoluntary - (same ? old->nonvoluntary : 0);
    seen.push_back(now);
  }
  seen.erase(seen.begin(), seen.begin() + before);
  std::ranges::sort(seen, {}, &Switches::tid);
  if (failed) return fail(*failed);
  return {};
}

void ProcfsSource::close(Process& process, std::size_t first) {
  for (std::size_t i = first; i < kFiles; ++i) {
    if (!process.files[i]) continue;
    process.files[i].reset();
    --open_;
  }
}

void ProcfsSource::forget_the_dead() {
  std::erase_if(processes_, [this](auto& entry) {
    if (entry.second->seen == round_) return false;
    close(*entry.second);
    return true;
  });
}

// If not all descriptors can stay open, those of the least recently changed processes are closed first, because least
// is read of them. A sleeping process needs no status and io, so others may use these descriptors.
void ProcfsSource::share_budget() {
  std::size_t wanted = 0;
  for (auto& [pid, process] : processes_) {
    if (process->changed + kAwakeRounds < round_) close(*process, kStatus);
    process->keep = true;
    wanted += wants(*process);
  }
  if (wanted <= budget_) return;
  by_change_.clear();
  for (auto& [pid, process] : processes_) by_change_.push_back(process.get());
  std::ranges::sort(by_change_, [](const Process* a, const Process* b) {
    return a->changed != b->changed ? a->changed > b->changed : a->id.pid < b->id.pid;
  });
  std::size_t given = 0;
  for (Process* process : by_change_) {
    given += wants(*process);
    process->keep = given <= budget_;
    if (!process->keep) close(*process);
  }
}

std::size_t ProcfsSource::wants(const Process& process) const noexcept {
  if (!process.detailed) return 1;
  return process.changed + kAwakeRounds < round_ ? kStatus : kFiles;
}

}  // namespace vitalsd
