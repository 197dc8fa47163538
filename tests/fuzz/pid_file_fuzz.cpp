// Any pid file: it gives a pid within bounds or none, and depends only on its first line that is not empty.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/pid/pid_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pid = vitalsd::pid_file::parse(text);
  if (pid && (*pid < 1 || *pid > vitalsd::kMaxPid)) std::abort();
  const std::size_t end = text.find('\n', text.find_first_not_of(" \t\r\n\v\f"));
  const auto of_line = vitalsd::pid_file::parse(text.substr(0, end));
  if (pid.has_value() != of_line.has_value() || (pid && *pid != *of_line)) std::abort();
  return 0;
}
