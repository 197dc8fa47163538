#include "core/untrusted.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace vitalsd {
namespace {
constexpr int kTries = 4;
}

Result<Fd> open_untrusted(int place, struct stat& info) {
  if (::fstat(place, &info) != 0) return fail(classify_errno(errno), "file", errno);
  if (!S_ISREG(info.st_mode)) return fail(Errc::malformed, "file");
  std::array<char, 32> again{};
  std::snprintf(again.data(), again.size(), "/proc/self/fd/%d", place);
  Fd file(::open(again.data(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) return fail(classify_errno(errno), "file", errno);
  return file;
}

Result<Fd> open_cached(int from, const char* path) {
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_CACHED | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
  // The kernel also gives up if somebody mounts or renames at that moment.
  for (int tries = 0; tries < kTries; ++tries) {
    Fd fd(static_cast<int>(::syscall(SYS_openat2, from, path, &how, sizeof how)));
    if (fd) return fd;
    if (errno != EAGAIN) break;
  }
  if (errno == EAGAIN) return fail(Errc::io, "directory", EAGAIN);
  // EPERM: a seccomp filter that is older than the system call.
  if (errno == EINVAL || errno == ENOSYS || errno == EPERM) return fail(Errc::unavailable, "openat2", ENOSYS);
  return fail(classify_errno(errno), "directory", errno);
}

Result<Fd> open_below(int directory, const char* path) {
  open_how how{};
  how.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
  Fd fd(static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof how)));
  if (!fd && (errno == ENOSYS || errno == EPERM)) {
    fd.reset(::openat(directory, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
  }
  if (!fd) return fail(classify_errno(errno), "file", errno);
  return fd;
}

}  // namespace vitalsd
