#include "collectors/cgroup/cgroup_processes.h"

#include <cerrno>
#include <optional>

#include "collectors/formats/pid/pid_limits.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRemedy =
    "run as the user of the container's processes, or as root with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH";

}  // namespace

struct CgroupProcesses::Sum {
  double descriptors = 0, sockets = 0;
  std::optional<Error> bad_descriptors, bad_sockets;
};

void CgroupProcesses::begin() noexcept { processes_ = descriptors_ = 0; }

void CgroupProcesses::list(std::string_view pids) {
  pids_.clear();
  for (Scan scan(pids, "cgroup.procs"); !scan.at_end() && pids_.size() <= max_processes_;) {
    const auto pid = parse_number<std::int32_t>(scan.line(), "cgroup.procs");
    if (pid && *pid >= 0) pids_.push_back(*pid);
  }
}

void CgroupProcesses::read(CollectContext& context, std::string_view pids, std::string_view id, CgroupStats& stats) {
  list(pids);
  Sum sum;
  for (const std::int32_t pid : pids_) {
    if (++processes_ > max_processes_) {
      sum.bad_descriptors = sum.bad_sockets = Error{Errc::too_large, E2BIG, "max_processes"};
      break;
    }
    count(context, pid, sum);
  }
  const auto told = [&](double& to, double value, const std::optional<Error>& bad, std::string_view field) {
    if (!bad) to = value;
    if (bad) context.faults.partial(id, field, *bad, bad->code == Errc::denied ? kRemedy : std::string_view());
  };
  told(stats.descriptors, sum.descriptors, sum.bad_descriptors, "fd");
  told(stats.sockets, sum.sockets, sum.bad_sockets, "fd links");
  if (stats.first_pid != 0) stats.open_files_limit = open_files_limit(context, stats.first_pid);
}

void CgroupProcesses::count(CollectContext& context, std::int32_t pid, Sum& sum) {
  if (pid == 0) {  // of a pid namespace that is not below ours
    sum.bad_descriptors = sum.bad_sockets = Error{Errc::denied, EPERM, "pid namespace"};
    return;
  }
  const auto count = context.host.procfs->count(path_(pid, "fd"), names_);
  if (count) {
    sum.descriptors += static_cast<double>(*count);
  } else if (!is_gone(count.error())) {
    sum.bad_descriptors = count.error();
  }
  if (!sum.bad_sockets) count_sockets(context, pid, sum);
}

void CgroupProcesses::count_sockets(CollectContext& context, std::int32_t pid, Sum& sum) {
  const auto listed = context.host.procfs->list(path_(pid, "fd"), names_);
  if (!listed) {
    if (!is_gone(listed.error())) sum.bad_sockets = listed.error();
    return;
  }
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (++descriptors_ > max_descriptors_) {
      sum.bad_sockets = Error{Errc::too_large, E2BIG, "max_descriptors"};
      return;
    }
    link_path_.assign(path_(pid, "fd/")).append(names_[i]);
    const auto link = context.host.procfs->link(link_path_, context.buffer);
    if (link && link->starts_with("socket:")) ++sum.sockets;
    if (!link && !is_gone(link.error())) sum.bad_sockets = link.error();
  }
}

double CgroupProcesses::open_files_limit(CollectContext& context, std::int32_t pid) {
  const auto text = context.host.procfs->read(path_(pid, "limits"), context.buffer);
  NoFaults unheard;  // a limit is published where it is known
  const auto limits = text ? pid_limits::parse(*text, unheard) : Result<PidLimits>(fail(text.error()));
  if (!limits || !limits->open_files) return kAbsent;
  return *limits->open_files == PidLimits::kUnlimited ? -1 : static_cast<double>(*limits->open_files);
}

bool hides_processes(const Host& host) {
  std::string buffer;
  const auto mounts = host.self->read("mountinfo", buffer);
  for (Scan scan(mounts.value_or(std::string_view()), "mountinfo"); !scan.at_end();) {
    const std::string_view line = scan.line(), system = line.substr(std::min(line.find(" - "), line.size()));
    if (system.starts_with(" - proc ") && system.find("hidepid=") != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace vitalsd
