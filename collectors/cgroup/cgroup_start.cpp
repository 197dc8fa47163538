#include "collectors/cgroup/cgroup_start.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "collectors/formats/pid/pid_stat.h"
#include "collectors/formats/proc_stat.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::size_t kProcessesAsked = 16;  // for the oldest, which is nearly always the first

}  // namespace

double CgroupStart::of(CollectContext& context, const Result<std::string_view>& listed) {
  if (!listed) return kAbsent;
  std::array<std::int32_t, kProcessesAsked> pids{};  // the listing's buffer is that of the reads below
  std::size_t count = 0;
  for (Scan scan(*listed, "cgroup.procs"); !scan.at_end() && count < pids.size();) {
    const auto pid = parse_number<std::int32_t>(scan.line(), "cgroup.procs");
    if (pid && *pid > 0) pids[count++] = *pid;  // 0: of another pid namespace
  }
  double ticks = kAbsent;
  for (const std::int32_t pid : std::span(pids).first(count)) {
    const auto text = context.host.procfs->read(path_(pid, "stat"), context.buffer);
    const auto stat = text ? pid_stat::parse(*text) : Result<PidStat>(fail(text.error()));
    if (stat) ticks = std::fmin(ticks, context.host.units.ticks(stat->starttime));
  }
  if (std::isnan(ticks)) return kAbsent;
  const auto text = context.host.procfs->read("stat", context.buffer);
  const auto boot = text ? proc_stat::boot_time(*text) : std::nullopt;
  return boot ? *boot + ticks : kAbsent;
}

}  // namespace vitalsd
