// What only /proc tells of a cgroup's processes, one by one: descriptors, sockets, limits. Dear, so asked for and
// bounded.
//   CgroupProcesses processes(max_processes, max_descriptors); processes.begin(); processes.read(context, pids, id,
//   stats);
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/cgroup/cgroup_stats.h"
#include "collectors/kit/pid_path.h"
#include "core/collector.h"

namespace vitalsd {

class CgroupProcesses {
 public:
  /// Bounds of one round.
  CgroupProcesses(std::size_t max_processes, std::size_t max_descriptors)
      : max_processes_(max_processes), max_descriptors_(max_descriptors) {}

  /// A new round.
  void begin() noexcept;
  /// Fills stats.descriptors, sockets and open_files_limit from the processes that `pids` lists (cgroup.procs; copied).
  /// A sum that is not whole is absent: because of a bound, or of a process that does not let us look (a fault).
  void read(CollectContext& context, std::string_view pids, std::string_view id, CgroupStats& stats);

 private:
  struct Sum;
  void list(std::string_view pids);
  void count(CollectContext& context, std::int32_t pid, Sum& sum);
  void count_sockets(CollectContext& context, std::int32_t pid, Sum& sum);
  double open_files_limit(CollectContext& context, std::int32_t pid);

  std::size_t max_processes_, max_descriptors_;
  std::size_t processes_ = 0, descriptors_ = 0;  // looked at in this round
  std::vector<std::int32_t> pids_;
  Names names_;
  std::string link_path_;
  PidPath path_;
};

/// Whether some procfs shows processes to those alone who may look into them (hidepid=, proc(5)).
bool hides_processes(const Host& host);

}  // namespace vitalsd
