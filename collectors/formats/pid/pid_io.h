// The format of /proc/PID/io (proc_pid_io(5), fs/proc/base.c do_io_accounting()).
//   const auto io = pid_io::parse(*text); io->read_bytes
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/faults.h"
#include "core/result.h"

namespace vitalsd {

/// Sums over all threads of the process, including ended ones. A member is empty if its line is missing or bad.
struct PidIo {
  std::optional<std::uint64_t> rchar;        ///< bytes that read(2) and similar calls returned, from any source
  std::optional<std::uint64_t> wchar;        ///< bytes passed to write(2) and similar calls
  std::optional<std::uint64_t> read_bytes;   ///< bytes fetched from storage
  std::optional<std::uint64_t> write_bytes;  ///< bytes sent to storage, counted when the page is dirtied
};

namespace pid_io {

/// Handles bad lines as core/lines.h does.
Result<PidIo> parse(std::string_view text, FaultSink& faults);

}  // namespace pid_io
}  // namespace vitalsd
