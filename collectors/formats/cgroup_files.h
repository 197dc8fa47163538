// The formats of the files of a cgroup (Documentation/admin-guide/cgroup-v2.rst "Conventions", cgroup-v1/).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/family.h"
#include "core/lines.h"
#include "core/result.h"

namespace vitalsd {

/// Bytes and operations of one device since the cgroup was created.
struct CgroupDevice {
  std::uint32_t major = 0, minor = 0;
  double read_bytes = kAbsent, written_bytes = kAbsent, reads = kAbsent, writes = kAbsent;
};

namespace cgroup_files {

/// More devices than any machine has. A file with more is malformed.
inline constexpr std::size_t kMostDevices = 4096;
/// CONFIG_NR_CPUS is at most 8192.
inline constexpr std::size_t kMostCpus = 8192;

/// Calls take(key, value) for each line "KEY VALUE". Handles bad lines as core/lines.h does, but an empty file is
/// valid.
template <class Take>
Result<void> flat_keyed(std::string_view text, std::string_view format, FaultSink& faults, Take take) {
  if (text.empty()) return {};
  Lines lines(text, format, faults);
  while (lines.next()) {
    const std::string_view key = lines->word();
    const auto value = lines->integer();
    if (lines.keep()) take(key, value);
  }
  return lines.result();
}

/// Parses one number. Returns nothing for "max", which means no limit, and for the number that version 1 writes
/// instead.
Result<std::optional<std::uint64_t>> limit(std::string_view text);

/// cpu.max: "QUOTA PERIOD" in microseconds. A quota of "max" means that there is none.
struct CpuMax {
  std::optional<std::uint64_t> quota;
  std::uint64_t period = 0;
};
Result<CpuMax> cpu_max(std::string_view text);

/// io.stat: "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6". Older kernels print a device without values before
/// the next one on the same line: values belong to the last device named. Replaces `out`. Handles bad lines as
/// core/lines.h does, but an empty file is valid; more than kMostDevices are malformed.
Result<void> io_stat(std::string_view text, std::vector<CgroupDevice>& out, FaultSink& faults);

/// cpuacct.usage_percpu of version 1: nanoseconds of each CPU, from the first on. Replaces `seconds`. The position in
/// the one line is the CPU's number, so one bad number makes the file malformed.
Result<void> usage_per_cpu(std::string_view text, std::vector<double>& seconds);

/// blkio.throttle.io_service_bytes or io_serviced of version 1: "8:0 Read 1". Adds to `out`. Handles bad lines as
/// core/lines.h does ("(unknown) Read 1" is a removed device), but an empty file is valid.
enum class Blkio : bool { bytes, operations };
Result<void> blkio(std::string_view text, Blkio what, std::vector<CgroupDevice>& out, FaultSink& faults);

}  // namespace cgroup_files
}  // namespace vitalsd
