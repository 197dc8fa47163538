// Takes from this process the right to write, make, remove and execute files, but for some directories (landlock(7)).
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
  keep_sockets,  ///< make Unix sockets, and remove files: the kernel cannot distinguish a socket from another
  write_files,   ///< write those that are there
};

struct Writable {
  std::string directory;  ///< or, to write_files, a file
  Rights rights;
};

struct Restrictions {
  std::vector<Writable> writable;  ///< what is not there is passed over
  bool abstract_sockets = false;   ///< may connect to abstract Unix sockets of others
  /// Files are executed, whichever: whoever may execute a loader or a shell has any file executed by it that can be
  /// read, so that a list of programs would hold nobody.
  bool programs = false;
};

/// The kernel's version of Landlock, 0: none; `error` is its errno then.
int version(int& error);

/// For the calling thread and those that it starts from now on, which must not gain privileges any more. "on", or why
/// not. `pins` keep the directories: to some file systems one that nobody holds is another one later. Others' files in
/// /proc that need ptrace(2)'s permission cannot be read from then on.
std::string restrict(const Restrictions& restrictions, std::vector<Fd>& pins);

}  // namespace vitalsd::landlock
