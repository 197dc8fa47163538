#include "collectors/formats/pid/pid_status.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/lines.h"

namespace vitalsd::pid_status {
namespace {

constexpr std::string_view kFormat = "pid status";
constexpr std::uint64_t kKib = 1024;

// In the kernel's order, so that each search begins where the previous one ended.
struct Field {
  std::string_view key;
  std::optional<std::uint64_t> PidStatus::* member;
  std::uint64_t unit;
};
constexpr std::array<Field, 9> kFields = {{
    {"Tgid", &PidStatus::tgid, 1},
    {"VmHWM", &PidStatus::peak, kKib},
    {"RssAnon", &PidStatus::anon, kKib},
    {"RssFile", &PidStatus::file, kKib},
    {"RssShmem", &PidStatus::shmem, kKib},
    {"VmData", &PidStatus::data, kKib},
    {"VmSwap", &PidStatus::swap, kKib},
    {"voluntary_ctxt_switches", &PidStatus::voluntary_switches, 1},
    {"nonvoluntary_ctxt_switches", &PidStatus::nonvoluntary_switches, 1},
}};

// "REAL\tEFFECTIVE\tSAVED\tFILESYSTEM"
void read_uid(Scan& line, PidStatus& status) {
  line.word();
  const std::uint64_t uid = line.integer();
  if (line.ok()) status.euid = uid;
}

// "S (sleeping)"
void read_state(Scan& line, PidStatus& status) {
  const std::string_view word = line.word();
  if (line.ok()) status.state = word.front();
}

void read_namespaces(Scan& line, PidStatus& status) {
  unsigned levels = 0;
  while (!line.optional_word().empty()) ++levels;
  if (levels == 0) return line.set_failed();
  status.pid_namespaces = levels;
}

struct Other {
  std::string_view key;
  void (*read)(Scan&, PidStatus&);
};
constexpr std::array<Other, 3> kOthers = {{{"Uid", read_uid}, {"State", read_state}, {"NSpid", read_namespaces}}};

void read_field(Scan& line, const Field& field, PidStatus& status) {
  const auto value = line.integer();
  if (value > std::numeric_limits<std::uint64_t>::max() / field.unit) line.set_failed();
  if (line.ok()) status.*field.member = value * field.unit;
}

}  // namespace

Result<PidStatus> parse(std::string_view text, FaultSink& faults) {
  PidStatus status;
  std::size_t next = 0;
  Lines lines(text, kFormat, faults);
  while (lines.next()) {
    const std::string_view key = lines->until(':');
    if (!lines->ok()) continue;
    if (const auto other = std::ranges::find(kOthers, key, &Other::key); other != kOthers.end()) {
      other->read(*lines, status);
      lines.keep(key);
      continue;
    }
    for (std::size_t tried = 0; tried < kFields.size(); ++tried) {
      const std::size_t at = (next + tried) % kFields.size();
      if (key != kFields[at].key) continue;
      read_field(*lines, kFields[at], status);
      lines.keep(key);
      next = at + 1;
      break;
    }
  }
  if (const auto result = lines.result(); !result) return fail(result.error());
  return status;
}

}  // namespace vitalsd::pid_status
