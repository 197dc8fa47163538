// What the machine has that its cgroups share, with cAdvisor's families.
//   Machine machine; machine.read(context); machine.publish(sink);
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "collectors/formats/fields.h"
#include "core/collector.h"

namespace vitalsd {

class Machine {
 public:
  /// Memory from /proc/meminfo, CPUs that are online from sysfs. What cannot be read is absent, and told to
  /// `context.faults`.
  void read(CollectContext& context);
  void publish(Sink& sink) const;

  double cores = kAbsent, memory = kAbsent, swap = kAbsent;  ///< bytes

 private:
  std::vector<Field> fields_;
  std::vector<std::uint32_t> online_;
};

std::span<const Family* const> machine_families();

}  // namespace vitalsd
