#include "collectors/formats/pid_io.h"

#include <array>

#include "core/scan.h"

namespace vitalsd::pid_io {
namespace {

constexpr std::string_view kFormat = "pid io";

struct Field {
  std::string_view key;
  std::uint64_t PidIo::* member;
};
constexpr std::array<Field, 4> kFields = {{{"rchar:", &PidIo::rchar},
                                           {"wchar:", &PidIo::wchar},
                                           {"read_bytes:", &PidIo::read_bytes},
                                           {"write_bytes:", &PidIo::write_bytes}}};

}  // namespace

Result<PidIo> parse(std::string_view text) {
  PidIo io;
  unsigned seen = 0;
  Scan scan(text, kFormat);
  while (!scan.at_end()) {
    Scan line(scan.line(), kFormat);
    const std::string_view key = line.optional_word();
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      if (key != kFields[i].key) continue;
      io.*kFields[i].member = line.integer();
      if (!line.ok()) return fail(line.error());
      seen |= 1U << i;
    }
  }
  if (seen != (1U << kFields.size()) - 1) return fail(Errc::malformed, kFormat);
  return io;
}

}  // namespace vitalsd::pid_io
