// Any /proc/PID/stat: the parser neither crashes nor returns a name from outside the text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/pid/pid_stat.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto stat = vitalsd::pid_stat::parse(text);
  if (!stat) return 0;
  const std::string_view comm = stat->comm;
  if (comm.data() <= text.data() || comm.data() + comm.size() >= text.data() + size) std::abort();
  if (comm.data()[-1] != '(' || comm.data()[comm.size()] != ')') std::abort();
  return 0;
}
