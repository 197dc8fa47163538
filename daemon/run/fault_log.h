// Logs what runs could not read: a denied field once per collector, a thing that is gone never above debug.
//   FaultLog faults(log); faults.report("process_groups", fault);
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "daemon/run/job.h"
#include "daemon/service/log.h"

namespace vitalsd {

/// Lives on the loop.
class FaultLog {
 public:
  explicit FaultLog(Log& log) : log_(log) {}

  void report(std::string_view collector, const PartialFault& fault);
  /// What was logged once is logged again: after a reload, which may have changed what the daemon may read.
  void forget() { denied_.clear(); }

 private:
  Log& log_;
  std::set<std::string, std::less<>> denied_;  ///< collector/field; both are of the daemon, so the set is bounded
};

}  // namespace vitalsd
