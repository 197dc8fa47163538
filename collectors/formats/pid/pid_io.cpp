#include "collectors/formats/pid/pid_io.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "core/lines.h"

namespace vitalsd::pid_io {
namespace {

constexpr std::string_view kFormat = "pid io";
// No process gets there: a number beyond is no count, and would stay in the sums of its group for good.
constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();

struct Field {
  std::string_view key;
  std::optional<std::uint64_t> PidIo::* member;
};
constexpr std::array<Field, 4> kFields = {{{"rchar:", &PidIo::rchar},
                                           {"wchar:", &PidIo::wchar},
                                           {"read_bytes:", &PidIo::read_bytes},
                                           {"write_bytes:", &PidIo::write_bytes}}};

}  // namespace

Result<PidIo> parse(std::string_view text, FaultSink& faults) {
  PidIo io;
  Lines lines(text, kFormat, faults);
  while (lines.next()) {
    const auto known = std::ranges::find(kFields, lines->word(), &Field::key);
    if (known == kFields.end()) continue;
    const std::uint64_t value = lines->integer();
    if (value > kMost) lines->set_failed();
    if (lines.keep()) io.*known->member = value;
  }
  if (const auto result = lines.result(); !result) return fail(result.error());
  return io;
}

}  // namespace vitalsd::pid_io
