#include "collectors/formats/pid_status.h"

#include <array>
#include <limits>

#include "core/scan.h"

namespace vitalsd::pid_status {
namespace {

constexpr std::string_view kFormat = "pid status";
constexpr std::uint64_t kKib = 1024;

// In the order of the kernel, so that each search begins where the last one ended.
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

// "Uid:\tREAL\tEFFECTIVE\tSAVED\tFILESYSTEM"
bool read_uid(Scan line, PidStatus& status) {
  line.word();
  status.euid = line.integer();
  return line.ok();
}

// "State:\tS (sleeping)"
char read_state(Scan line) {
  const std::string_view word = line.optional_word();
  return word.empty() ? '\0' : word.front();
}

void read_namespaces(Scan line, PidStatus& status) {
  while (!line.optional_word().empty()) ++status.pid_namespaces;
}

bool read_field(Scan line, const Field& field, PidStatus& status) {
  const auto value = line.integer();
  if (!line.ok() || value > std::numeric_limits<std::uint64_t>::max() / field.unit) return false;
  status.*field.member = value * field.unit;
  return true;
}

}  // namespace

Result<PidStatus> parse(std::string_view text) {
  PidStatus status;
  bool seen_uid = false;
  std::size_t next = 0;
  Scan scan(text, kFormat);
  while (!scan.at_end()) {
    const std::string_view line = scan.line();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, colon);
    const Scan value(line.substr(colon + 1), kFormat);
    if (key == "Uid") {
      seen_uid = read_uid(value, status);
      if (!seen_uid) return fail(Errc::malformed, kFormat);
    } else if (key == "State") {
      status.state = read_state(value);
    } else if (key == "NSpid") {
      read_namespaces(value, status);
    } else {
      for (std::size_t tried = 0; tried < kFields.size(); ++tried) {
        const std::size_t at = (next + tried) % kFields.size();
        if (key != kFields[at].key) continue;
        if (!read_field(value, kFields[at], status)) return fail(Errc::malformed, kFormat);
        next = at + 1;
        break;
      }
    }
  }
  if (!seen_uid) return fail(Errc::malformed, kFormat);
  return status;
}

}  // namespace vitalsd::pid_status
