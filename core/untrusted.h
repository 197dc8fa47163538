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

/// Opens a directory below `from` as O_PATH without following links, but only if the kernel has the whole path in its
/// cache (RESOLVE_CACHED), so that no file system is asked, which might never answer (FUSE, NFS). Errors: io with
/// EAGAIN (a file system would have to be asked), unavailable with ENOSYS (Linux before 5.12).
Result<Fd> open_cached(int from, const char* path);

/// Opens a file below a directory for reading, only on the same mount and without following links, so a file that
/// somebody has mounted there is refused. Does not wait unless the directory's own file system does. Before Linux 5.6
/// mounts on the path cannot be detected.
Result<Fd> open_below(int directory, const char* path);

}  // namespace vitalsd
