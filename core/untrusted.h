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

/// A directory below `from`, as O_PATH, links not followed, so far as the kernel knows the way by heart
/// (RESOLVE_CACHED): no file system is asked for it, which may be one that never answers (FUSE, NFS). Errors: io with
/// EAGAIN (one would have to be asked), unavailable with ENOSYS (Linux before 5.12).
Result<Fd> open_cached(int from, const char* path);

/// A file below a directory for reading, on the same mount: what somebody has mounted over it is refused, as are links.
/// Nothing is waited for where the directory's own file system does not. Before Linux 5.6, over which mount the path
/// leads cannot be said.
Result<Fd> open_below(int directory, const char* path);

}  // namespace vitalsd
