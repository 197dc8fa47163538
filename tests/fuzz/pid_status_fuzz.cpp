// Whatever /proc/PID/status holds: memory comes in whole KiB, and what was accepted had its Uid line.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/formats/pid_status.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto status = vitalsd::pid_status::parse(text);
  if (!status) return 0;
  for (const auto& bytes : {status->peak, status->data, status->swap, status->anon, status->file, status->shmem}) {
    if (bytes && *bytes % 1024 != 0) std::abort();
  }
  if (text.find("Uid:") == std::string_view::npos) std::abort();
  return 0;
}
