// Forbids this process to write, make, remove and execute files outside of given directories (landlock(7)).
//   std::vector<Fd> pins;
//   landlock::restrict({.writable = {{"/var/lib/vitalsd", landlock::Rights::keep_files}}}, pins)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/fd.h"

namespace vitalsd::landlock {

/// What may be done below a directory.
enum class Rights : std::uint8_t {
  keep_files,    ///< write, make, rename and remove files and directories, execute nothing
  keep_sockets,  ///< make Unix sockets, and remove files (there is no right to remove sockets alone)
  write_files,   ///< write to existing files
};

struct Writable {
  std::string directory;  ///< or, to write_files, a file
  Rights rights;
};

struct Restrictions {
  std::vector<Writable> writable;  ///< those that do not exist are skipped
  bool abstract_sockets = false;   ///< may connect to abstract Unix sockets of others
  /// Whether files may be executed. There is no list of programs, because a loader or shell that may be executed runs
  /// any file that it can read.
  bool programs = false;
};

/// The kernel's version of Landlock. 0 if it has none; then `error` is the errno.
int version(int& error);

/// Restricts the calling thread and threads that it starts later; no_new_privs must be set. Returns "on", or why it
/// failed. `pins` hold the directories open, because some file systems make a new inode for one that nobody holds. From
/// then on, files of other processes in /proc that need ptrace(2)'s permission cannot be read.
std::string restrict(const Restrictions& restrictions, std::vector<Fd>& pins);

}  // namespace vitalsd::landlock
