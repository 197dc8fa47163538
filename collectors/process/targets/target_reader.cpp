#include "collectors/process/targets/target_reader.h"

#include "collectors/formats/passwd.h"
#include "collectors/formats/pid/pid_io.h"
#include "collectors/formats/pid/pid_limits.h"
#include "collectors/formats/pid/pid_schedstat.h"
#include "collectors/formats/pid/pid_status.h"
#include "collectors/kit/first_fault.h"
#include "collectors/process/targets/target_finder.h"
#include "core/scan.h"
#include "core/utf8.h"

namespace vitalsd {
namespace {

constexpr std::size_t kCommandLimit = 256;
constexpr double kNanoseconds = 1e9;  // in a second

double or_absent(const std::optional<std::uint64_t>& value) { return value ? static_cast<double>(*value) : kAbsent; }

// Cuts `text` without splitting a character.
std::string_view shorten(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t size = 0;
  while (size < limit) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text.substr(size)), 1);
    if (size + length > limit) break;
    size += length;
  }
  return text.substr(0, size);
}

void take_stat(const PidStat& stat, const Units& units, TargetValues& values) {
  values.ppid = stat.ppid;
  values.cpu_user = units.ticks(stat.utime);
  values.cpu_system = units.ticks(stat.stime);
  values.threads = static_cast<double>(stat.num_threads);
  values.minor = static_cast<double>(stat.minflt);
  values.major = static_cast<double>(stat.majflt);
  if (stat.vsize != 0) values.virtual_memory = static_cast<double>(stat.vsize);  // kernel threads have no address space
}

}  // namespace

// `field` is the value of the label and selects a remedy. The first entries gain most from a kept descriptor.
struct TargetReader::File {
  std::string_view field;
  Result<void> (TargetReader::*read)(CollectContext&, Target&, Keep, TargetValues&);
};
constexpr std::size_t kKeptBefore = 1;  // stat, which the tracker reads
const TargetReader::File TargetReader::kFiles[] = {
    {"status", &TargetReader::status},
    {"schedstat", &TargetReader::schedstat},
    {"io", &TargetReader::io},
    {"limits", &TargetReader::limits},
    {"command", &TargetReader::command},
    {"oom_score", &TargetReader::oom_score},
    {"oom_score_adj", &TargetReader::oom_score_adj},
    {"exe", &TargetReader::exe},
    {"cwd", &TargetReader::cwd},
    {"open_fds", &TargetReader::open_fds},
};

void TargetReader::read(CollectContext& context, Target& target, const PidStat& stat, std::size_t kept_files,
                        TargetValues& values) {
  values.clear();
  take_stat(stat, context.host.units, values);
  std::size_t index = kKeptBefore;
  for (const File& file : kFiles) {
    const auto done = (this->*file.read)(context, target, index < kept_files ? Keep::yes : Keep::no, values);
    ++index;
    // The kernel may lack the file, or the process an executable. An ended process is detected by still_up().
    if (done || done.error().code == Errc::unavailable || done.error().code == Errc::vanished) continue;
    note_unreadable(context, target, file.field, done.error());
  }
}

Result<void> TargetReader::status(CollectContext& context, Target& target, Keep keep, TargetValues& values) {
  const auto text = read_process_file(*context.host.procfs, &FileSource::read, path_(target.process.pid, "status"),
                                      context.buffer, keep);
  if (!text) return fail(text.error());
  FirstFault lost;
  const auto status = pid_status::parse(*text, lost);
  if (!status) return fail(status.error());
  values.anonymous = or_absent(status->anon);
  values.file = or_absent(status->file);
  values.shared = or_absent(status->shmem);
  values.peak = or_absent(status->peak);
  values.swap = or_absent(status->swap);
  values.data = or_absent(status->data);
  values.voluntary = or_absent(status->voluntary_switches);
  values.nonvoluntary = or_absent(status->nonvoluntary_switches);
  if (status->euid && target.uid != *status->euid) find_user(context, target, *status->euid);
  return lost.result();
}

Result<void> TargetReader::schedstat(CollectContext& context, Target& target, Keep keep, TargetValues& values) {
  const auto text = read_process_file(*context.host.procfs, &FileSource::read, path_(target.process.pid, "schedstat"),
                                      context.buffer, keep);
  if (!text) return fail(text.error());
  const auto sched = pid_schedstat::parse(*text);
  if (!sched) return fail(sched.error());
  if (sched->counted()) values.run_delay = static_cast<double>(sched->run_delay) / kNanoseconds;
  return {};
}

Result<void> TargetReader::io(CollectContext& context, Target& target, Keep keep, TargetValues& values) {
  const auto text =
      read_process_file(*context.host.procfs, &FileSource::read, path_(target.process.pid, "io"), context.buffer, keep);
  if (!text) return fail(text.error());
  FirstFault lost;
  const auto io = pid_io::parse(*text, lost);
  if (!io) return fail(io.error());
  values.storage_read = or_absent(io->read_bytes);
  values.storage_written = or_absent(io->write_bytes);
  values.calls_read = or_absent(io->rchar);
  values.calls_written = or_absent(io->wchar);
  return lost.result();
}

Result<void> TargetReader::limits(CollectContext& context, Target& target, Keep keep, TargetValues& values) {
  const auto text = read_process_file(*context.host.procfs, &FileSource::read, path_(target.process.pid, "limits"),
                                      context.buffer, keep);
  if (!text) return fail(text.error());
  FirstFault lost;
  const auto limits = pid_limits::parse(*text, lost);
  if (!limits) return fail(limits.error());
  if (limits->open_files != PidLimits::kUnlimited) values.max_fds = or_absent(limits->open_files);
  return lost.result();
}

namespace {

Result<double> whole_number(const Result<std::string_view>& text, std::string_view format) {
  if (!text) return fail(text.error());
  const auto value = parse_number<std::int64_t>(*text, format);
  if (!value) return fail(value.error());
  return static_cast<double>(*value);
}

}  // namespace

Result<void> TargetReader::oom_score(CollectContext& context, Target& target, Keep keep, TargetValues& values) {
  const auto score = whole_number(read_process_file(*context.host.procfs, &FileSource::attribute,
                                                    path_(target.process.pid, "oom_score"), context.buffer, keep),
                                  "oom_score");
  if (!score) return fail(score.error());
  values.oom_score = *score;
  return {};
}

Result<void> TargetReader::oom_score_adj(CollectContext& context, Target& target, Keep keep, TargetValues& values) {
  const auto score = whole_number(read_process_file(*context.host.procfs, &FileSource::attribute,
                                                    path_(target.process.pid, "oom_score_adj"), context.buffer, keep),
                                  "oom_score_adj");
  if (!score) return fail(score.error());
  values.oom_score_adj = *score;
  return {};
}

Result<void> TargetReader::command(CollectContext& context, Target& target, Keep keep, TargetValues& values) {
  // One page is more than the label takes, however long the arguments are.
  const auto text = read_process_file(*context.host.procfs, &FileSource::attribute,
                                      path_(target.process.pid, "cmdline"), context.buffer, keep);
  if (!text) return fail(text.error());
  values.command = shorten(join_arguments(context.buffer, *text), kCommandLimit);
  return {};
}

Result<void> TargetReader::exe(CollectContext& context, Target& target, Keep, TargetValues& values) {
  const auto link = context.host.procfs->link(path_(target.process.pid, "exe"), context.buffer);
  if (!link) return fail(link.error());
  values.exe = executable_path(*link);
  return {};
}

Result<void> TargetReader::cwd(CollectContext& context, Target& target, Keep, TargetValues& values) {
  const auto link = context.host.procfs->link(path_(target.process.pid, "cwd"), context.buffer);
  if (!link) return fail(link.error());
  values.cwd = *link;
  return {};
}

Result<void> TargetReader::open_fds(CollectContext& context, Target& target, Keep, TargetValues& values) {
  const auto count = context.host.procfs->count(path_(target.process.pid, "fd"), names_);
  if (!count) return fail(count.error());
  values.open_fds = static_cast<double>(*count);
  return {};
}

void TargetReader::find_user(CollectContext& context, Target& target, std::uint64_t uid) {
  target.uid = uid;
  const auto text = context.host.rootfs->read("etc/passwd", context.buffer);
  target.user = text ? passwd::name_of(*text, uid) : std::string_view();
  if (target.user.empty()) target.user = std::to_string(uid);
}

}  // namespace vitalsd
