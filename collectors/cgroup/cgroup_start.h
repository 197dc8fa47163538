// When a cgroup began, by its processes: its files do not tell (their time is that of their first use).
//   CgroupStart start; cgroup.started = start.of(context, reader.processes(context, id));
#pragma once

#include <string_view>

#include "collectors/kit/pid_path.h"
#include "core/collector.h"

namespace vitalsd {

class CgroupStart {
 public:
  /// Seconds since 1970, of the oldest of the first processes that are `listed` (cgroup.procs); kAbsent without any.
  double of(CollectContext& context, const Result<std::string_view>& listed);

 private:
  PidPath path_;
};

}  // namespace vitalsd
