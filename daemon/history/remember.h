// Which runs the history takes: all but those that failed, and those that published only a part anew.
#pragma once

#include "daemon/history/history.h"
#include "daemon/run/job.h"
#include "daemon/run/store.h"

namespace vitalsd {

/// After each run of a collector, whose newest block is in the store.
inline void remember(History& history, const Job& job, const RunReport& report, const Store& store, SteadyTime now) {
  if (report.error || report.partial) return;
  if (const Block* block = store.find(job.name()); block != nullptr) history.observe(job.name(), *block, now);
}

}  // namespace vitalsd
