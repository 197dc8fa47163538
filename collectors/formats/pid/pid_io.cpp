#include "collectors/formats/pid/pid_io.h"

#include <algorithm>
#include <array>

#include "core/lines.h"

namespace vitalsd::pid_io {
namespace {

constexpr std::string_view kFormat = "pid io";

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
    if (lines.keep()) io.*known->member = value;
  }
  if (const auto result = lines.result(); !result) return fail(result.error());
  return io;
}

}  // namespace vitalsd::pid_io
