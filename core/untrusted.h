// Opens a file that others may replace at any moment by a FIFO, a device or a link.
//   const Fd place(::openat(directory, name, O_PATH | O_CLOEXEC)); auto file = open_untrusted(place.get(), info);
#pragma once

#include <sys/stat.h>

#include "core/fd.h"
#include "core/result.h"

namespace vitalsd {

/// Opens the file of an O_PATH descriptor for reading. Malformed if it is not a regular file. Opens the inode that was
/// checked, whatever has its name by now. Never waits, neither for a lease nor for a FIFO's other end, since O_NONBLOCK
/// stays set. `info` receives the result of fstat(2).
Result<Fd> open_untrusted(int place, struct stat& info);

}  // namespace vitalsd
