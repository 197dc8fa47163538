// Any datagram of the process connector: it is read within its bounds, and the reason has few forms.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "collectors/process/sources/exit_events.h"
#include "collectors/process/sources/exit_status.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vitalsd::ProcessExit exit;
  if (!vitalsd::parse_exit_event({reinterpret_cast<const char*>(data), size}, exit)) return 0;
  std::string buffer;
  const std::string_view reason = vitalsd::exit_reason(exit.status, buffer);
  if (!reason.starts_with("exit_") && !reason.starts_with("SIG")) std::abort();
  return 0;
}
