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

/// A directory below `from`, as O_PATH, links not followed, so far as the kernel knows the way by heart
/// (RESOLVE_CACHED): no file system is asked for it, which may be one that never answers (FUSE, NFS). Errors: io with
/// EAGAIN (one would have to be asked), unavailable with ENOSYS (Linux before 5.12).
Result<Fd> open_cached(int from, const char* path);

/// A file below a directory for reading, on the same mount: what somebody has mounted over it is refused, as are links.
/// Nothing is waited for where the directory's own file system does not. Before Linux 5.6, over which mount the path
/// leads cannot be said.
Result<Fd> open_below(int directory, const char* path);

}  // namespace vitalsd
