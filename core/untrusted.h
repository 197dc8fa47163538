// Opens what others may have put in its place, or exchange at any moment: a FIFO, a device, a link.
//   const Fd place(::openat(directory, name, O_PATH | O_CLOEXEC)); auto file = open_untrusted(place.get(), info);
#pragma once

#include <sys/stat.h>

#include "core/fd.h"
#include "core/result.h"

namespace vitalsd {

/// The file of an O_PATH descriptor, which opening has not touched yet, for reading: a regular one, else malformed.
/// What was looked at is what is opened, whatever has its name by now; and nothing is waited for, be it a lease or a
/// reader's other end, as O_NONBLOCK stays set. `info` is what fstat(2) said of it.
Result<Fd> open_untrusted(int place, struct stat& info);

}  // namespace vitalsd
