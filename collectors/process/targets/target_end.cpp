#include "collectors/process/targets/target_end.h"

#include <algorithm>

#include "collectors/formats/pid/pid_stat.h"
#include "collectors/kit/pid_path.h"
#include "collectors/process/sources/exit_status.h"

namespace vitalsd {
namespace {

constexpr auto kPatience = std::chrono::seconds(2);  // for a parent that does not wait for its child

void emit_oom_kill(CollectContext& context, std::string_view target, const Ending& ending) {
  std::string detail("target ");
  detail.append(target).append(" (pid ").append(std::to_string(ending.process.pid));
  if (ending.resident >= 0) {
    detail.append(", ").append(std::to_string(static_cast<std::uint64_t>(ending.resident))).append(" bytes resident");
  }
  context.happened({EventKind::oom_kill, ending.oom_cgroup, detail.append(") killed: out of memory")});
}

}  // namespace

std::optional<std::uint32_t> TargetExits::status_of(CollectContext& context, const Ending& ending) {
  if (const auto status = exit_status_of(ending.pidfd)) return status;
  PidPath path;
  const auto text = context.host.procfs->read(path(ending.process.pid, "stat"), context.buffer);
  const auto stat = text ? pid_stat::parse(*text) : Result<PidStat>(fail(text.error()));
  if (!stat || stat->starttime != ending.process.start || stat->state != 'Z') return exit_status_of(ending.pidfd);
  if (stat->exit_code != 0) return stat->exit_code;
  // A reader without permission also gets 0 (fs/proc/array.c do_task_stat()); reading the link shows whether it has it.
  const auto link = context.host.procfs->link(path(ending.process.pid, "exe"), context.buffer);
  if (link || link.error().code != Errc::denied) return 0;
  return std::nullopt;
}

void TargetExits::count(std::string_view reason) {
  auto found = std::ranges::find(counts_, reason, &ExitCount::reason);
  if (found == counts_.end() && counts_.size() >= kMostReasons) {
    found = std::ranges::find(counts_, "other", &ExitCount::reason);
    reason = "other";
  }
  if (found == counts_.end()) found = counts_.insert(found, {std::string(reason), 0});
  ++found->count;
}

void TargetExits::settle(CollectContext& context, std::string_view target, Ending& ending) {
  if (!ending.since) return;
  const auto status = status_of(context, ending);
  const bool may_come = ending.pidfd && context.host.clock->steady() - *ending.since < kPatience;
  if (!status && may_come) return;
  std::string buffer;
  const std::string_view reason = status ? exit_reason(*status, buffer) : "unknown";
  count(reason);
  context.happened({EventKind::target_ended, target, reason});
  if (reason == "SIGKILL" && !ending.oom_cgroup.empty()) emit_oom_kill(context, target, ending);
  ending = {};
}

}  // namespace vitalsd
