#include "core/untrusted.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace vitalsd {

Result<Fd> open_untrusted(int place, struct stat& info) {
  if (::fstat(place, &info) != 0) return fail(classify_errno(errno), "file", errno);
  if (!S_ISREG(info.st_mode)) return fail(Errc::malformed, "file");
  std::array<char, 32> again{};
  std::snprintf(again.data(), again.size(), "/proc/self/fd/%d", place);
  Fd file(::open(again.data(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) return fail(classify_errno(errno), "file", errno);
  return file;
}

}  // namespace vitalsd
