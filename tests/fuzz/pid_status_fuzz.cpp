// Any /proc/PID/status: memory is a multiple of a KiB, an accepted value had its line, and no line changes what another
// means.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "collectors/formats/pid/pid_status.h"
#include "tests/fuzz/line_rule.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  vitalsd::NoFaults faults;
  vitalsd::require_line_rule(text, {}, [&](std::string_view lines) {
    vitalsd::Samples samples;
    const auto add = [&](const char* what, const std::optional<std::uint64_t>& value) {
      if (value) samples[what] = static_cast<double>(*value);
    };
    if (const auto status = vitalsd::pid_status::parse(lines, faults)) {
      add("uid", status->euid);
      add("tgid", status->tgid);
      add("peak", status->peak);
      add("anon", status->anon);
      add("swap", status->swap);
      add("voluntary", status->voluntary_switches);
      if (status->state != 0) samples["state"] = status->state;
      if (status->pid_namespaces != 0) samples["namespaces"] = status->pid_namespaces;
    }
    return samples;
  });
  const auto status = vitalsd::pid_status::parse(text, faults);
  if (!status) return 0;
  for (const auto& bytes : {status->peak, status->data, status->swap, status->anon, status->file, status->shmem}) {
    if (bytes && *bytes % 1024 != 0) std::abort();
  }
  if (status->euid && text.find("Uid:") == std::string_view::npos) std::abort();
  return 0;
}
