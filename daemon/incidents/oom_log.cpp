#include "daemon/incidents/oom_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <ranges>

#include "collectors/formats/kmsg.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::size_t kMostRecords = 4096;  // in one look: the log holds a few thousand
constexpr std::uint64_t kKib = 1024;
constexpr std::string_view kWhere = "kernel log";

// "anon-rss:" -> what follows it, in bytes.
std::optional<std::uint64_t> kib_after(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + key.size());
  const auto value = parse_number<std::uint64_t>(text.substr(0, text.find("kB")), kWhere);
  if (!value || *value > std::numeric_limits<std::uint64_t>::max() / kKib / 4) return std::nullopt;
  return *value * kKib;
}

}  // namespace

void OomRecords::take(std::string_view record) {
  const auto parsed = kmsg::parse(record);
  if (!parsed || parsed->facility != 0) return;  // others than the kernel may write to its log
  const std::string_view text = parsed->text;
  if (text.starts_with("oom-kill:")) return take_cgroup(text);
  if (text.find("Killed process ") != std::string_view::npos) take_memory(text);
}

// "oom-kill:constraint=CONSTRAINT_MEMCG,...,task_memcg=/app,task=eater,pid=12,uid=0". Names may hold any text, so that
// what comes last is looked for from the end.
void OomRecords::take_cgroup(std::string_view text) {
  constexpr std::string_view kCgroup = ",task_memcg=", kTask = ",task=", kPid = ",pid=", kUid = ",uid=";
  const std::size_t uid = text.rfind(kUid);
  if (uid == std::string_view::npos) return;
  const std::size_t pid = text.substr(0, uid).rfind(kPid);
  const std::size_t cgroup = text.find(kCgroup);
  if (pid == std::string_view::npos || cgroup == std::string_view::npos || cgroup > pid) return;
  const std::size_t task = text.substr(0, pid).rfind(kTask);
  if (task == std::string_view::npos || task < cgroup + kCgroup.size()) return;
  const auto number = parse_number<std::int32_t>(text.substr(pid + kPid.size(), uid - pid - kPid.size()), kWhere);
  if (!number || *number < 1) return;
  if (killed_.size() == kMost) killed_.pop_front();
  killed_.push_back({.pid = *number,
                     .comm = std::string(text.substr(task + kTask.size(), pid - task - kTask.size())),
                     .cgroup = std::string(text.substr(cgroup + kCgroup.size(), task - cgroup - kCgroup.size()))});
}

// "Memory cgroup out of memory: Killed process 12 (eater) total-vm:5kB, anon-rss:4kB, file-rss:3kB, shmem-rss:2kB, ..."
void OomRecords::take_memory(std::string_view text) {
  constexpr std::string_view kKilled = "Killed process ", kSizes = ") total-vm:";
  text.remove_prefix(text.find(kKilled) + kKilled.size());
  const auto pid = parse_number<std::int32_t>(text.substr(0, text.find(' ')), kWhere);
  const std::size_t sizes = text.rfind(kSizes);
  if (!pid || sizes == std::string_view::npos) return;
  text.remove_prefix(sizes);
  const auto found = std::ranges::find(killed_ | std::views::reverse, *pid, &KilledProcess::pid);
  if (found == killed_.rend() || found->resident_bytes) return;
  std::uint64_t sum = 0;
  for (const std::string_view key : {"anon-rss:", "file-rss:", "shmem-rss:"}) {
    const auto bytes = kib_after(text, key);
    if (!bytes && key != "shmem-rss:") return;  // before Linux 4.5 files include it
    sum += bytes.value_or(0);
  }
  found->resident_bytes = sum;
}

std::vector<KilledProcess> OomRecords::killed_in(std::string_view cgroup) {
  std::vector<KilledProcess> found;
  for (KilledProcess& each : killed_) {
    if (each.reported || each.cgroup != cgroup) continue;
    each.reported = true;
    found.push_back(each);
  }
  return found;
}

OomLog::OomLog() : device_(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
  if (device_ && ::lseek(device_.get(), 0, SEEK_END) < 0) device_.reset();
}

void OomLog::read() {
  std::array<char, 8192>
      record;  // the kernel gives none that is longer (CONSOLE_EXT_LOG_MAX, later PRINTK_MESSAGE_MAX)
  for (std::size_t i = 0; device_ && i < kMostRecords; ++i) {
    const ssize_t got = ::read(device_.get(), record.data(), record.size());
    if (got < 0 && (errno == EPIPE || errno == EINTR || errno == EINVAL)) continue;  // EPIPE: some were overwritten
    if (got <= 0) return;
    records.take({record.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace vitalsd
