#include "daemon/run/fault_log.h"

namespace vitalsd {

void FaultLog::report(std::string_view collector, const PartialFault& fault) {
  const std::string text = describe(fault.error);
  if (is_gone(fault.error)) {
    log_.debug("gone before it was read",
               {{"collector", collector}, {"of", fault.entity}, {"field", fault.field}, {"error", text}});
    return;
  }
  std::string key = std::string(collector) + "/" + std::string(fault.field);
  if (fault.error.code == Errc::denied) {
    if (!denied_.insert(std::move(key)).second) return;
    log_.warn("not readable; each one is counted in vitalsd_collector_partial_errors_total",
              {{"collector", collector},
               {"first_of", fault.entity},
               {"field", fault.field},
               {"error", text},
               {"remedy", fault.remedy}});
    return;
  }
  log_.warn_limited(key + "/" + fault.entity, "not readable",
                    {{"collector", collector},
                     {"of", fault.entity},
                     {"field", fault.field},
                     {"error", text},
                     {"remedy", fault.remedy}});
}

}  // namespace vitalsd
