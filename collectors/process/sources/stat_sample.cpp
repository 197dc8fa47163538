#include "collectors/process/sources/stat_sample.h"

#include <algorithm>

namespace vitalsd {

ProcessSample sample_of(const PidStat& stat, const Units& units) {
  const double tick = 1e9 / units.ticks_per_second;  // ns
  const auto nanoseconds = [tick](std::uint64_t ticks) {
    return static_cast<std::uint64_t>(static_cast<double>(ticks) * tick);
  };
  ProcessSample sample;
  sample.id = {stat.pid, stat.starttime};
  sample.ppid = stat.ppid;
  sample.state = stat.state;
  sample.states.add(stat.state);
  sample.comm = stat.comm;
  sample.counts.user = nanoseconds(stat.utime);
  sample.counts.system = nanoseconds(stat.stime);
  sample.counts.major_faults = stat.majflt;
  sample.counts.minor_faults = stat.minflt;
  sample.children_user = nanoseconds(stat.cutime);
  sample.children_system = nanoseconds(stat.cstime);
  sample.virtual_bytes = stat.vsize;
  sample.resident_bytes = stat.rss * units.page_size;
  sample.threads = static_cast<std::uint32_t>(std::max<std::int64_t>(stat.num_threads, 0));
  return sample;
}

}  // namespace vitalsd
