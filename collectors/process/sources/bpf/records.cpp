#include "collectors/process/sources/bpf/records.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#include "collectors/formats/pid/pid_file.h"
#include "collectors/process/sources/bpf/cputime.h"

namespace vitalsd {
namespace {

constexpr std::string_view kWhere = "bpf iterator";

std::uint64_t at_least_0(std::int64_t value) { return value < 0 ? 0 : static_cast<std::uint64_t>(value); }

// Both times as the kernel would report them now. `run_time` lacks what a thread ran since the last tick of its CPU.
CpuTimes cpu_times(const ProcessRecord& record) {
  const CpuTimes ticks{record.user, record.system};
  if ((record.flags & kRecordScaled) == 0) return ticks;
  return scale_cpu_times(ticks, record.run_time, {record.prev_user, record.prev_system});
}

}  // namespace

char state_letter(std::uint32_t state, std::uint32_t exit_state) noexcept {
  constexpr std::uint32_t kReport = 0x7f, kUninterruptible = 0x2, kIdle = 0x402, kRtLockWait = 0x1000, kFrozen = 0x8000;
  constexpr std::string_view kLetters = "RSDTtXZP";
  if ((state & (kRtLockWait | kFrozen)) != 0) return kLetters[std::bit_width(kUninterruptible)];
  if ((state & kIdle) == kIdle) return 'I';
  return kLetters[static_cast<std::size_t>(std::bit_width((state | exit_state) & kReport))];
}

Records::Records(const Units& units)
    : tick_(static_cast<std::uint64_t>(1e9 / units.ticks_per_second)), page_(units.page_size) {}

Result<std::span<const ProcessSample>> Records::read(int fd, std::span<char> buffer, const std::stop_token& stop,
                                                     const ProcessSample* first) {
  kept_ = next_ = 0;
  born_.clear();
  if (first != nullptr) {
    (void)known(first->id.pid);
    put(*first);
  }
  const auto done = read_all(fd, buffer, stop);
  end_round(done.has_value());
  if (!done) return fail(done.error());
  return samples_;
}

Result<void> Records::read_all(int fd, std::span<char> buffer, const std::stop_token& stop) {
  for (std::size_t filled = 0;;) {
    if (stop.stop_requested()) return fail(Errc::timed_out, kWhere);
    const ssize_t got = ::read(fd, buffer.data() + filled, buffer.size() - filled);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;  // EAGAIN: a million tasks without a record
    if (got < 0) return fail(classify_errno(errno), kWhere, errno);
    if (got == 0 && filled != 0) return fail(Errc::malformed, kWhere);
    if (got == 0) return {};
    filled += static_cast<std::size_t>(got);
    const auto used = take(buffer.first(filled));
    if (!used) return fail(used.error());
    filled -= *used;
    std::memmove(buffer.data(), buffer.data() + *used, filled);
  }
}

// Takes all complete records. Returns how many bytes they have.
Result<std::size_t> Records::take(std::span<const char> bytes) {
  std::size_t used = 0;
  while (bytes.size() - used >= sizeof(UnchangedRecord)) {
    const auto rest = bytes.subspan(used);
    std::uint32_t size = 0;
    std::memcpy(&size, rest.data(), sizeof size);
    const bool whole = size == sizeof(ProcessRecord);
    if (!whole && size != sizeof(UnchangedRecord)) return fail(Errc::malformed, kWhere);
    if (rest.size() < size) break;
    if (const auto done = whole ? take_whole(rest) : take_unchanged(rest); !done) return fail(done.error());
    used += size;
  }
  return used;
}

Result<void> Records::take_unchanged(std::span<const char> bytes) {
  UnchangedRecord record;
  std::memcpy(&record, bytes.data(), sizeof record);
  if (record.pid == 0) return {};
  if (record.pid > kMaxPid || known(static_cast<std::int32_t>(record.pid)) == nullptr) {
    return fail(Errc::malformed, kWhere);
  }
  samples_[kept_++].unchanged = true;
  return {};
}

Result<void> Records::take_whole(std::span<const char> bytes) {
  ProcessRecord record;
  std::memcpy(&record, bytes.data(), sizeof record);
  if (record.pid > kMaxPid) return fail(Errc::malformed, kWhere);
  if (record.pid == 0) return {};  // it has ended and so left the reader's pid namespace
  ProcessSample sample = sample_of(record);
  if (const auto* before = known(sample.id.pid); before != nullptr && before->id == sample.id) {
    let_grow(*before, sample);
  }
  put(sample);
  return {};
}

// The sample of the last round, moved down over those that have gone. Both rounds are sorted by pid, so one walk finds
// all.
ProcessSample* Records::known(std::int32_t pid) noexcept {
  while (next_ < samples_.size() && samples_[next_].id.pid < pid) ++next_;
  if (next_ == samples_.size() || samples_[next_].id.pid != pid) return nullptr;
  if (kept_ != next_) samples_[kept_] = samples_[next_];
  ++next_;
  return &samples_[kept_];
}

ProcessSample Records::sample_of(const ProcessRecord& record) const {
  ProcessSample sample;
  sample.id = {static_cast<std::int32_t>(record.pid), record.start / tick_};
  sample.ppid = static_cast<std::int32_t>(record.ppid);
  sample.uid = record.uid;
  sample.exec_id = static_cast<std::uint32_t>(record.exec_id);
  sample.state = state_letter(record.state, record.exit_state);
  sample.comm = std::string_view(record.comm, ::strnlen(record.comm, sizeof record.comm));
  sample.has = Has::switches | Has::fd_limit | Has::uid;
  sample.threads = record.threads;
  sample.states = {record.running, record.sleeping, record.waiting, record.zombies, 0};
  const std::uint32_t known = record.running + record.sleeping + record.waiting + record.zombies;
  sample.states.other = record.threads > known ? record.threads - known : 0;
  const CpuTimes times = cpu_times(record);
  sample.counts = {.user = times.user,
                   .system = times.system,
                   .run_delay = record.run_delay,
                   .read_bytes = record.read_bytes,
                   .write_bytes = record.write_bytes,
                   .major_faults = record.major_faults,
                   .minor_faults = record.minor_faults,
                   .voluntary_switches = record.voluntary_switches,
                   .nonvoluntary_switches = record.nonvoluntary_switches};
  sample.living_run_delay = record.run_delay;
  sample.children_user = record.children_user;
  sample.children_system = record.children_system;
  sample.fd_limit = record.fd_limit;
  if ((record.flags & kRecordIo) != 0) sample.has |= Has::io;
  if ((record.flags & kRecordDelay) != 0) sample.has |= Has::run_delay;
  if ((record.flags & kRecordFds) != 0) {
    sample.has |= Has::fds;
    sample.fds = record.fds;
  }
  if ((record.flags & kRecordMemory) != 0) {
    sample.has |= Has::resident | Has::swap;
    sample.virtual_bytes = record.virtual_pages * page_;
    sample.anon_bytes = at_least_0(record.anon_pages) * page_;
    sample.file_bytes = at_least_0(record.file_pages) * page_;
    sample.shmem_bytes = at_least_0(record.shmem_pages) * page_;
    sample.swap_bytes = at_least_0(record.swap_pages) * page_;
    sample.resident_bytes = sample.anon_bytes + sample.file_bytes + sample.shmem_bytes;
  }
  return sample;
}

// Run delay vanishes with its thread, so the gain of the living threads is added to the previous sum. Other counts are
// held however far they fall. The kernel's own never begin again within a process, but a sum that was read while a
// thread ended may lack that thread once, and would count all of it again in the next round.
void Records::let_grow(const ProcessSample& last, ProcessSample& sample) {
  const ProcessCounts& before = last.counts;
  ProcessCounts& now = sample.counts;
  const CpuTimes times = keep_rising({now.user, now.system}, now.user + now.system, {before.user, before.system});
  now.user = times.user;
  now.system = times.system;
  now.run_delay = before.run_delay;
  if (sample.living_run_delay > last.living_run_delay) now.run_delay += sample.living_run_delay - last.living_run_delay;
  for (const auto count :
       {&ProcessCounts::read_bytes, &ProcessCounts::write_bytes, &ProcessCounts::major_faults,
        &ProcessCounts::minor_faults, &ProcessCounts::voluntary_switches, &ProcessCounts::nonvoluntary_switches}) {
    now.*count = std::max(now.*count, before.*count);
  }
}

// Stores the sample in the place that known() found or that an ended process left.
void Records::put(const ProcessSample& sample) {
  if (kept_ < next_) {
    samples_[kept_++] = sample;
  } else {
    born_.push_back(sample);
  }
}

// After an incomplete round, processes that it did not reach are kept.
void Records::end_round(bool whole) {
  const auto at = [this](std::size_t i) { return samples_.begin() + static_cast<std::ptrdiff_t>(i); };
  samples_.erase(at(kept_), whole ? samples_.end() : at(next_));
  if (samples_.empty()) samples_.swap(born_);  // the first round
  if (born_.empty()) return;
  const auto old = static_cast<std::ptrdiff_t>(samples_.size());
  samples_.insert(samples_.end(), born_.begin(), born_.end());
  std::ranges::inplace_merge(samples_, samples_.begin() + old, {}, [](const auto& each) { return each.id.pid; });
}

}  // namespace vitalsd
