#include "collectors/kit/psi_triggers.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>

namespace vitalsd {

Result<Fd> PsiTriggers::arm(const FileSource& files, std::string_view path, std::string_view kind) {
  constexpr std::string_view kWhere = "pressure trigger";
  if (!files.is_kernel()) return fail(Errc::unavailable, kWhere);
  const auto opened = files.open(path);
  if (!opened) return fail(opened.error());
  const Fd readable(*opened);
  if (!readable) return fail(Errc::unavailable, kWhere);
  // A source opens files read-only, so the file is opened again for writing.
  Fd trigger(::open(("/proc/self/fd/" + std::to_string(readable.get())).c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!trigger) return fail(classify_errno(errno), kWhere, errno);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.*s %lld %lld", static_cast<int>(kind.size()), kind.data(),
                                 static_cast<long long>(std::chrono::microseconds(kThreshold).count()),
                                 static_cast<long long>(std::chrono::microseconds(kWindow).count()));
  // Includes the terminating zero, as the kernel's own example does.
  if (::write(trigger.get(), text.data(), static_cast<std::size_t>(size) + 1) < 0) {
    return fail(errno == EINVAL || errno == EOPNOTSUPP ? Errc::unavailable : classify_errno(errno), kWhere, errno);
  }
  if (const auto added = wake_.add(trigger.get(), kWhere, EPOLLPRI); !added) return fail(added.error());
  return trigger;
}

}  // namespace vitalsd
