#include "collectors/process/sources/smaps_reader.h"

#include <algorithm>

#include "collectors/formats/pid/pid_smaps.h"

namespace vitalsd {
namespace {

constexpr std::chrono::milliseconds kBudget{100};  // for one round

}  // namespace

void SmapsReader::begin_round(CollectContext& context) {
  // Processes that had to wait go first. Once all have been read, the next pass begins.
  if (all_read_) oldest_ = round_;
  ++round_;
  all_read_ = true;
  too_large_ = 0;
  stop_at_ = context.host.clock->steady() + kBudget;
}

Result<void> SmapsReader::read(CollectContext& context, const ProcessSample& sample, Memory& memory) {
  if (sample.virtual_bytes == 0 && sample.threads != 0 && context.host.procfs->is_kernel())
    return {};  // a kernel thread
  if (limit_ != 0 && sample.resident_bytes + sample.swap_bytes > limit_) {
    ++too_large_;
    memory.known = false;
    return {};
  }
  if (memory.round > oldest_) return {};
  if (context.host.clock->steady() >= stop_at_) {
    all_read_ = false;
    return {};
  }
  const auto text = context.host.procfs->read(path_(sample.id.pid, "smaps_rollup"), context.buffer);
  if (!text && (text.error().code == Errc::vanished)) return {};
  if (!text) return fail(text.error());
  const auto smaps = pid_smaps::parse(*text);
  if (!smaps) return fail(smaps.error());
  memory = {.known = true, .pss = smaps->pss, .swap_pss = smaps->swap_pss, .round = round_};
  return {};
}

}  // namespace vitalsd
