#include "collectors/process/sources/thread_reader.h"

#include "collectors/formats/pid/pid_io.h"
#include "collectors/formats/pid/pid_stat.h"
#include "collectors/formats/pid/pid_status.h"
#include "collectors/kit/first_fault.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr double kNanoseconds = 1e9;  // in a second

void note(std::optional<Error>& failed, const Error& error) {
  if (!failed && !is_gone(error)) failed = error;
}

}  // namespace

std::string_view ThreadReader::path(std::string_view tid, std::string_view file) {
  return path_.assign(directory_).append("/").append(tid).append("/").append(file);
}

Result<std::span<const ThreadSample>> ThreadReader::read(CollectContext& context, std::int32_t pid, Depth depth,
                                                         std::optional<Error>& failed) {
  directory_.assign(std::to_string(pid)).append("/task");
  if (const auto listed = context.host.procfs->list(directory_, names_); !listed) return fail(listed.error());
  if (threads_.size() < names_.size()) threads_.resize(names_.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const auto tid = parse_number<std::int32_t>(names_[i], "tid");
    if (!tid) continue;
    ThreadSample& thread = threads_[count];
    thread.id = {*tid, 0};
    thread.has = Has::none;
    thread.wchan.clear();
    const auto done = depth == Depth::all ? read_all(context, thread, failed) : read_switches(context, thread);
    if (done) {
      ++count;
    } else {
      note(failed, done.error());
    }
  }
  return std::span<const ThreadSample>(threads_.data(), count);
}

Result<void> ThreadReader::read_switches(CollectContext& context, ThreadSample& thread) {
  const std::string tid = std::to_string(thread.id.pid);
  const auto text = context.host.procfs->read(path(tid, "status"), context.buffer);
  if (!text) return fail(text.error());
  FirstFault lost;
  const auto status = pid_status::parse(*text, lost);
  if (!status) return fail(status.error());
  thread.state = status->state;
  if (status->voluntary_switches && status->nonvoluntary_switches) {
    thread.counts.voluntary_switches = *status->voluntary_switches;
    thread.counts.nonvoluntary_switches = *status->nonvoluntary_switches;
    thread.has |= Has::switches;
  }
  return {};
}

Result<void> ThreadReader::read_all(CollectContext& context, ThreadSample& thread, std::optional<Error>& failed) {
  const std::string tid = std::to_string(thread.id.pid);
  if (const auto switches = read_switches(context, thread); !switches) return switches;
  const auto text = context.host.procfs->read(path(tid, "stat"), context.buffer);
  if (!text) return fail(text.error());
  const auto stat = pid_stat::parse(*text);
  if (!stat) return fail(stat.error());
  const double tick = kNanoseconds / context.host.units.ticks_per_second;
  thread.id.start = stat->starttime;
  thread.state = stat->state;
  thread.comm = stat->comm;
  thread.counts.user = static_cast<std::uint64_t>(static_cast<double>(stat->utime) * tick);
  thread.counts.system = static_cast<std::uint64_t>(static_cast<double>(stat->stime) * tick);
  thread.counts.major_faults = stat->majflt;
  thread.counts.minor_faults = stat->minflt;

  if (const auto io_text = context.host.procfs->read(path(tid, "io"), context.buffer); !io_text) {
    note(failed, io_text.error());
  } else {
    FirstFault lost;
    const auto io = pid_io::parse(*io_text, lost);
    if (const auto whole = lost.result(); !io || !whole) note(failed, io ? whole.error() : io.error());
    if (io && io->read_bytes && io->write_bytes) {
      thread.counts.read_bytes = *io->read_bytes;
      thread.counts.write_bytes = *io->write_bytes;
      thread.has |= Has::io;
    }
  }
  if (const auto done = read_wchan(context, path(tid, "wchan"), thread.wchan); !done) note(failed, done.error());
  return {};
}

Result<void> ThreadReader::read_wchan(CollectContext& context, std::int32_t pid, std::string& wchan) {
  return read_wchan(context, path_.assign(std::to_string(pid)).append("/wchan"), wchan);
}

Result<void> ThreadReader::read_wchan(CollectContext& context, std::string_view path, std::string& wchan) {
  wchan.clear();
  const auto text = context.host.procfs->attribute(path, context.buffer);
  if (!text) return fail(text.error());
  if (*text != "0") wchan = *text;
  return {};
}

}  // namespace vitalsd
