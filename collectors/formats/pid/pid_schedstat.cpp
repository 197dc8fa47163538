#include "collectors/formats/pid/pid_schedstat.h"

#include "core/scan.h"

namespace vitalsd::pid_schedstat {

Result<PidSchedstat> parse(std::string_view text) {
  Scan scan(text, "pid schedstat");
  PidSchedstat sched;
  sched.run_time = scan.integer();
  sched.run_delay = scan.integer();
  sched.timeslices = scan.integer();
  if (!scan.ok()) return fail(scan.error());
  return sched;
}

}  // namespace vitalsd::pid_schedstat
