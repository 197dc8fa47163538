#include "collectors/process/targets/target_finder.h"

#include <algorithm>

#include "collectors/formats/pid/pid_cgroup.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

std::int32_t pid_of(std::string_view name) {
  if (name.empty() || name.front() < '1' || name.front() > '9') return 0;
  return parse_number<std::int32_t>(name, "pid").value_or(0);
}

bool is_executable(std::string_view path, std::string_view wanted) {
  if (wanted.find('/') != std::string_view::npos) return path == wanted;
  return path.substr(path.rfind('/') + 1) == wanted;  // npos + 1 is 0
}

}  // namespace

std::string_view executable_path(std::string_view link) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (link.ends_with(kDeleted)) link.remove_suffix(kDeleted.size());
  return link;
}

std::string_view join_arguments(std::string& buffer, std::string_view text) {
  while (text.ends_with('\0')) text.remove_suffix(1);
  std::replace(buffer.data(), buffer.data() + text.size(), '\0', ' ');
  return text;
}

std::optional<ProcessId> TargetMatches::main() const {
  const auto has = [this](std::int32_t pid) {
    return std::ranges::binary_search(all, pid, {}, [](const Match& match) { return match.process.pid; });
  };
  const Match* best = nullptr;
  for (const Match& match : all) {
    if (has(match.ppid)) continue;
    if (best == nullptr || match.process.start < best->process.start) best = &match;
  }
  // Reads at different moments may show a ring of parents; then take the lowest pid.
  if (best == nullptr && !all.empty()) best = &all.front();
  return best == nullptr ? std::nullopt : std::optional(best->process);
}

Result<void> TargetFinder::walk(CollectContext& context, std::span<const Target> targets, std::int32_t self) {
  for (TargetMatches& matches : found_) {
    matches.all.clear();
    matches.denied = {};
    matches.error.reset();
  }
  const auto wants_place = [](const Target& target) { return target.spec.selector == Selector::pod_container; };
  if (!places_ && std::ranges::any_of(targets, wants_place)) places_.emplace();
  if (places_) places_->begin(context);
  if (const auto listed = context.host.procfs->list("", names_); !listed) return listed;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (context.stop.stop_requested()) return fail(Errc::timed_out, "list of processes");
    if (const std::int32_t pid = pid_of(names_[i]); pid > 0) look_at(context, targets, pid, self);
  }
  if (places_) take_places(targets);
  for (TargetMatches& matches : found_) {
    std::ranges::sort(matches.all, {}, [](const TargetMatches::Match& match) { return match.process.pid; });
  }
  return {};
}

void TargetFinder::look_at(CollectContext& context, std::span<const Target> targets, std::int32_t pid,
                           std::int32_t self) {
  const auto text = context.host.procfs->read(path_(pid, "stat"), context.buffer);
  if (!text) {
    if (text.error().code != Errc::denied) return;  // the process has ended, which is normal
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (!targets[i].spec.needs_walk()) continue;
      found_[i].denied = "stat";
      found_[i].error = text.error();
    }
    return;
  }
  auto stat = pid_stat::parse(*text);
  if (!stat || has_ended(*stat)) return;
  stat->pid = pid;
  exe_.read = cmdline_.read = cgroup_.read = false;
  const ProcessId process{pid, stat->starttime};
  bool matched = false;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const TargetSpec& spec = targets[i].spec;
    if (!spec.needs_walk() || (spec.selector == Selector::cmdline && pid == self)) continue;
    if (!fits(context, spec, *stat, found_[i])) continue;
    found_[i].all.push_back({process, stat->ppid});
    matched = true;
  }
  const Text* cgroups = places_ ? &cgroup(context, pid) : nullptr;
  const bool placed = cgroups && cgroups->usable && places_->note(*stat, cgroups->view);
  // If the pid was reused meanwhile, what was read after stat belongs to another process, so no match counts.
  if (!matched && !placed) return;
  if ((exe_.read || cmdline_.read || cgroup_.read) && !still(context, process)) {
    for (TargetMatches& matches : found_)
      std::erase_if(matches.all, [&](const auto& m) { return m.process == process; });
    if (placed) places_->take_back();
  }
}

// The places of containers are known only after the whole walk.
void TargetFinder::take_places(std::span<const Target> targets) {
  places_->settle();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets[i].spec.selector != Selector::pod_container) continue;
    places_->for_each(targets[i].spec.place,
                      [&](const ProcessId& process, std::int32_t ppid) { found_[i].all.push_back({process, ppid}); });
  }
}

bool TargetFinder::fits(CollectContext& context, const TargetSpec& spec, const PidStat& stat, TargetMatches& matches) {
  const auto in_any_cgroup = [&](auto test) {
    const Text& text = cgroup(context, stat.pid);
    return text.usable &&
           pid_cgroup::any_path(text.view, [&](std::string_view path) { return test(path, spec.value); });
  };
  switch (spec.selector) {
    case Selector::pid:
    case Selector::pidfile:
    case Selector::pod_container: return false;
    case Selector::comm: return stat.comm == spec.value;
    case Selector::exe: {
      const Text& text = exe(context, stat.pid);
      if (exe_denied_) {
        matches.denied = "exe";
        matches.error = exe_denied_;
      }
      return text.usable && is_executable(text.view, spec.value);
    }
    case Selector::cmdline: {
      const Text& text = cmdline(context, stat.pid);
      return text.usable && !text.view.empty() && spec.pattern->found_in(text.view);
    }
    case Selector::cgroup: return in_any_cgroup(pid_cgroup::in_cgroup);
    case Selector::unit: return in_any_cgroup(pid_cgroup::in_unit);
    case Selector::container: return in_any_cgroup(pid_cgroup::in_container);
  }
  return false;
}

const TargetFinder::Text& TargetFinder::exe(CollectContext& context, std::int32_t pid) {
  if (exe_.read) return exe_;
  exe_.read = true;
  exe_denied_.reset();
  const auto link = context.host.procfs->link(path_(pid, "exe"), exe_.buffer);
  exe_.usable = link.has_value();
  if (link) exe_.view = executable_path(*link);
  if (!link && link.error().code == Errc::denied) exe_denied_ = link.error();
  return exe_;
}

const TargetFinder::Text& TargetFinder::cmdline(CollectContext& context, std::int32_t pid) {
  if (cmdline_.read) return cmdline_;
  cmdline_.read = true;
  const auto text = context.host.procfs->read(path_(pid, "cmdline"), cmdline_.buffer);
  cmdline_.usable = text.has_value();
  if (text) cmdline_.view = join_arguments(cmdline_.buffer, *text);
  return cmdline_;
}

const TargetFinder::Text& TargetFinder::cgroup(CollectContext& context, std::int32_t pid) {
  if (cgroup_.read) return cgroup_;
  cgroup_.read = true;
  const auto text = context.host.procfs->read(path_(pid, "cgroup"), cgroup_.buffer);
  cgroup_.usable = text.has_value();
  if (text) cgroup_.view = *text;
  return cgroup_;
}

bool TargetFinder::still(CollectContext& context, const ProcessId& process) {
  const auto text = context.host.procfs->read(path_(process.pid, "stat"), again_);
  if (!text) return false;
  const auto stat = pid_stat::parse(*text);
  return stat && stat->starttime == process.start && !has_ended(*stat);
}

}  // namespace vitalsd
