// Assigns places in the pod to containers, in the order in which their processes started.
//   places.begin(context); places.note(stat, cgroup_text); ... places.settle(); places.for_each(1, take);
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/formats/pid/pid_stat.h"
#include "collectors/process/targets/target.h"
#include "core/collector.h"

namespace vitalsd {

/// Our own container and the pod's sandbox get no place. A restarted container, which has another id, gets the place
/// that became free, so that the others keep theirs.
class PodPlaces {
 public:
  void begin(CollectContext& context);
  /// Returns whether the process is in a container that can have a place. `cgroup` is its /proc/PID/cgroup.
  bool note(const PidStat& stat, std::string_view cgroup);
  /// Drops the process that was noted last, because its pid had changed hands.
  void take_back() { processes_.pop_back(); }
  void settle();

  /// Calls take(process, ppid) for each process of the container at `place`, from 1.
  template <class Take>
  void for_each(std::size_t place, Take take) const {
    if (place == 0 || place > places_.size() || places_[place - 1].empty()) return;
    for (const Process& each : processes_) {
      if (each.container == places_[place - 1]) take(each.process, each.ppid);
    }
  }

 private:
  struct Process {
    std::string container;
    ProcessId process;
    std::int32_t ppid;
  };
  std::string own_, sandbox_;
  std::vector<Process> processes_;   // of this walk
  std::vector<std::string> places_;  // ids; empty: free
};

}  // namespace vitalsd
