// Makes a process sample from /proc/PID/stat.
#pragma once

#include "collectors/formats/pid/pid_stat.h"
#include "collectors/process/sources/process_sample.h"
#include "core/units.h"

namespace vitalsd {

/// The sample has the state of the first thread only, and resident memory as stat counts it.
ProcessSample sample_of(const PidStat& stat, const Units& units);

}  // namespace vitalsd
