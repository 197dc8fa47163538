#include "collectors/formats/pid/pid_stat.h"

#include <limits>

#include "core/scan.h"

namespace vitalsd::pid_stat {
namespace {

constexpr std::string_view kFormat = "pid stat";
// No process gets there: a number beyond is no count, and would stay in the sums of its group for good.
constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();

// Reads three of the fields after rss. Old kernels print fewer fields; missing ones keep their defaults.
void read_tail(Scan scan, PidStat& stat) {
  constexpr int kFirst = 25;
  constexpr int kProcessor = 39;
  constexpr int kBlockIo = 42;
  constexpr int kExitCode = 52;
  for (int field = kFirst; field <= kExitCode; ++field) {
    const std::string_view word = scan.optional_word();
    if (word.empty()) return;
    if (field == kProcessor) stat.processor = parse_number<std::int32_t>(word, kFormat).value_or(-1);
    if (field == kBlockIo) stat.delayacct_blkio_ticks = parse_number<std::uint64_t>(word, kFormat).value_or(0);
    if (field == kExitCode) stat.exit_code = parse_number<std::uint32_t>(word, kFormat).value_or(0);
  }
}

}  // namespace

Result<PidStat> parse(std::string_view text) {
  // The comm may contain any byte, so it ends at the last parenthesis; no later field has one.
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return fail(Errc::malformed, kFormat);
  }
  PidStat stat;
  Scan before(text.substr(0, open), kFormat);
  stat.pid = before.integer<std::int32_t>();
  stat.comm = text.substr(open + 1, close - open - 1);

  Scan scan(text.substr(close + 1), kFormat);
  const std::string_view state = scan.word();
  if (state.size() != 1 || !before.ok()) return fail(Errc::malformed, kFormat);
  stat.state = state.front();
  stat.ppid = scan.integer<std::int32_t>();
  stat.pgrp = scan.integer<std::int32_t>();
  stat.session = scan.integer<std::int32_t>();
  stat.tty_nr = scan.integer<std::int32_t>();
  stat.tpgid = scan.integer<std::int32_t>();
  stat.flags = scan.integer();
  stat.minflt = scan.integer();
  stat.cminflt = scan.integer();
  stat.majflt = scan.integer();
  stat.cmajflt = scan.integer();
  stat.utime = scan.integer();
  stat.stime = scan.integer();
  stat.cutime = scan.integer();
  stat.cstime = scan.integer();
  stat.priority = scan.integer<std::int64_t>();
  stat.nice = scan.integer<std::int64_t>();
  stat.num_threads = scan.integer<std::int64_t>();
  scan.word();  // itrealvalue: always 0 since Linux 2.6.17
  stat.starttime = scan.integer();
  stat.vsize = scan.integer();
  stat.rss = scan.integer();
  if (!scan.ok()) return fail(scan.error());
  for (const std::uint64_t count : {stat.minflt, stat.majflt, stat.utime, stat.stime, stat.cutime, stat.cstime}) {
    if (count > kMost) return fail(Errc::malformed, kFormat);
  }
  read_tail(scan, stat);
  return stat;
}

}  // namespace vitalsd::pid_stat
