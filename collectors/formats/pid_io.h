// The format of /proc/PID/io (proc_pid_io(5), fs/proc/base.c do_io_accounting()).
//   const auto io = pid_io::parse(*text); io->read_bytes
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// Sums over all threads of the process, those that ended included.
struct PidIo {
  std::uint64_t rchar = 0;        ///< bytes that read(2) and its kin returned, whatever they came from
  std::uint64_t wchar = 0;        ///< bytes given to write(2) and its kin
  std::uint64_t read_bytes = 0;   ///< bytes fetched from storage
  std::uint64_t write_bytes = 0;  ///< bytes sent to storage, counted when the page is dirtied
};

namespace pid_io {

/// Fails as malformed when one of the four lines is missing or not a number.
Result<PidIo> parse(std::string_view text);

}  // namespace pid_io
}  // namespace vitalsd
