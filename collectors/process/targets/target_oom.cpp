#include "collectors/process/targets/target_oom.h"

#include <algorithm>
#include <filesystem>

#include "collectors/formats/cgroup_files.h"
#include "collectors/formats/mountinfo.h"
#include "collectors/formats/pid/pid_cgroup.h"
#include "collectors/kit/pid_path.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::string_view kController = "memory";

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(','), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

// The cgroup of the line "4:memory:/app"; empty where version 1 has no such controller.
std::string_view memory_cgroup(std::string_view text) {
  for (Scan scan(text, "cgroup"); !scan.at_end();) {
    const std::string_view line = scan.line();
    Scan fields(line, "cgroup");
    fields.until(':');
    if (has_word(fields.until(':'), kController)) return pid_cgroup::path_of(line);
  }
  return {};
}

}  // namespace

// Once: hierarchies stay where they are mounted.
void OomCount::find_directory(const Host& host) {
  directory_.emplace(kController);
  std::error_code failed;
  const std::string place = std::filesystem::canonical(host.cgroupfs->root(), failed).string() + "/";
  const auto text = host.self == nullptr ? fail(Errc::unavailable, "mountinfo") : host.self->read("mountinfo", buffer_);
  Mounts mounts;
  NoFaults unheard;
  if (failed || !text || !mountinfo::parse(*text, mounts, unheard)) return;
  const auto found = std::ranges::find_if(mounts.all, [&](const Mount& each) {
    return each.type == "cgroup" && !each.covered && has_word(each.options, kController) &&
           each.point.starts_with(place);
  });
  if (found != mounts.all.end()) directory_->assign(found->point.substr(place.size()));
}

void OomCount::note(CollectContext& context, std::int32_t pid) {
  next_.reset();
  if (context.host.cgroupfs == nullptr) return;
  PidPath path;
  const auto text = context.host.procfs->read(path(pid, "cgroup"), buffer_);
  if (!text) return;
  const std::string_view cgroup = memory_cgroup(*text);
  if (cgroup != cgroup_) {
    cgroup_.assign(cgroup);
    count_.reset();
  }
  // Above our own root it cannot be read.
  if (cgroup_.empty() || cgroup_.starts_with("/..")) return;
  if (!directory_) find_directory(context.host);
  next_ = read(context);
}

// oom_control counts since Linux 4.13; before, failcnt counts the times that the limit was reached, and whoever is
// killed after one more of those was killed for it.
std::optional<std::uint64_t> OomCount::read(CollectContext& context) {
  const auto file = [&](std::string_view name) -> std::string_view {
    path_.assign(*directory_).append(cgroup_);
    if (!path_.ends_with('/')) path_.push_back('/');
    return path_.append(name);
  };
  std::optional<std::uint64_t> count;
  NoFaults unheard;
  const auto control = context.host.cgroupfs->attribute(file("memory.oom_control"), buffer_);
  if (!control) return std::nullopt;
  (void)cgroup_files::flat_keyed(*control, "memory.oom_control", unheard, [&](std::string_view key, auto value) {
    if (key == "oom_kill") count = value;
  });
  if (count) return count;
  const auto failed = context.host.cgroupfs->attribute(file("memory.failcnt"), buffer_);
  const auto number =
      failed ? parse_number<std::uint64_t>(*failed, "memory.failcnt") : Result<std::uint64_t>(fail(failed.error()));
  return number ? std::optional(*number) : std::nullopt;
}

std::string_view OomCount::killed_in(CollectContext& context) {
  if (!count_) return {};
  const auto before = *std::exchange(count_, std::nullopt);
  const auto now = read(context);
  return now && *now > before ? std::string_view(cgroup_) : std::string_view();
}

}  // namespace vitalsd
