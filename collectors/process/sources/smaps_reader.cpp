#include "collectors/process/sources/smaps_reader.h"

#include <algorithm>
#include <cerrno>

#include "core/fd.h"

namespace vitalsd {
namespace {

constexpr std::chrono::milliseconds kBudget{100};  // for one round
constexpr std::size_t kPiece = 64U << 10U;
// A mapping takes some 700 bytes, and a process usually has at most 65,530 (vm.max_map_count).
constexpr std::uint64_t kMost = std::uint64_t{256} << 20U;

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
  const auto smaps = fetch(context, sample.id.pid);
  if (!smaps && smaps.error().code == Errc::vanished) return {};
  if (!smaps) return fail(smaps.error());
  if (!*smaps) return {};
  memory = {.known = true, .pss = (*smaps)->pss, .swap_pss = (*smaps)->swap_pss, .round = round_};
  return {};
}

Result<std::optional<PidSmaps>> SmapsReader::fetch(CollectContext& context, std::int32_t pid) {
  if (!lacks_rollup_.value_or(false)) {
    auto smaps = read_rollup(context, pid);
    if (smaps || smaps.error().code != Errc::unavailable) return smaps;
    // The process may have ended. Our own directory shows whether the kernel has the file at all.
    if (!lacks_rollup_) {
      const auto own = context.host.self->read("smaps_rollup", context.buffer);
      lacks_rollup_ = !own && own.error().code == Errc::unavailable;
    }
    if (!*lacks_rollup_) return fail(Errc::vanished, "smaps_rollup", smaps.error().sys);
  }
  return add_up(context, pid);
}

Result<std::optional<PidSmaps>> SmapsReader::read_rollup(CollectContext& context, std::int32_t pid) {
  const auto text = context.host.procfs->read(path_(pid, "smaps_rollup"), context.buffer);
  if (!text) return fail(text.error());
  const auto smaps = pid_smaps::parse(*text);
  if (!smaps) return fail(smaps.error());
  return *smaps;
}

// The kernel writes one mapping after the other, as they exist when it reaches them.
Result<std::optional<PidSmaps>> SmapsReader::add_up(CollectContext& context, std::int32_t pid) {
  constexpr std::string_view kWhere = "smaps";
  const auto opened = context.host.procfs->open(path_(pid, kWhere));
  if (!opened) return fail(opened.error());
  pid_smaps::Sum sum;
  if (*opened < 0) {
    const auto text = context.host.procfs->read(path_(pid, kWhere), context.buffer);
    if (!text) return fail(text.error());
    sum.add(*text);
    return sum.result();
  }
  const Fd file(*opened);
  if (context.buffer.size() < kPiece) context.buffer.resize(kPiece);
  for (std::uint64_t size = 0;;) {
    if (context.stop.stop_requested()) return fail(Errc::timed_out, kWhere);
    const ssize_t got = ::read(file.get(), context.buffer.data(), kPiece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(classify_errno(errno), kWhere, errno);
    if (got == 0) return sum.result();
    size += static_cast<std::uint64_t>(got);
    if (size > kMost) return fail(Errc::too_large, kWhere, EFBIG);
    sum.add({context.buffer.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace vitalsd
