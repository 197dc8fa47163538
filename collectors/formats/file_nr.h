// The format of /proc/sys/fs/file-nr (proc_sys_fs(5)): "1024\t0\t1631329", open files and their limit.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

/// The open file descriptions of the whole system.
struct FileNr {
  std::uint64_t allocated = 0;
  std::uint64_t maximum = 0;
};

namespace file_nr {
/// Malformed unless the text has three whole numbers.
Result<FileNr> parse(std::string_view text);
}  // namespace file_nr

}  // namespace vitalsd
