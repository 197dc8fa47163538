// What /proc/PID/stat tells of a process, as a sample.
#pragma once

#include "collectors/formats/pid/pid_stat.h"
#include "collectors/process/sources/process_sample.h"
#include "core/units.h"

namespace vitalsd {

/// With the first thread's state alone, and resident memory as stat counts it.
ProcessSample sample_of(const PidStat& stat, const Units& units);

}  // namespace vitalsd
