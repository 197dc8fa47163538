// Any /proc/PID/io: an accepted value had its line, and no line changes what another means.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "collectors/formats/pid/pid_io.h"
#include "tests/fuzz/line_rule.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  vitalsd::NoFaults faults;
  const auto read = [&](std::string_view lines) {
    vitalsd::Samples samples;
    const auto add = [&](const char* what, const std::optional<std::uint64_t>& value) {
      if (value) samples[what] = static_cast<double>(*value);
    };
    if (const auto io = vitalsd::pid_io::parse(lines, faults)) {
      add("rchar:", io->rchar);
      add("wchar:", io->wchar);
      add("read_bytes:", io->read_bytes);
      add("write_bytes:", io->write_bytes);
    }
    return samples;
  };
  vitalsd::require_line_rule(text, {}, read);
  for (const auto& [key, value] : read(text)) {
    if (text.find(key) == std::string_view::npos) std::abort();
  }
  return 0;
}
