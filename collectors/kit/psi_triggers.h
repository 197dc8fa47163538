// Asks the kernel to wake the daemon when too much time is lost to stalls (Documentation/accounting/psi.rst). The
// pressure collector then runs without waiting for its tick.
//   Fd kept = triggers.arm(*host.procfs, "pressure/memory", "some").value(); loop: poll triggers.fd()
#pragma once

#include <chrono>
#include <string_view>

#include "collectors/kit/wake_set.h"
#include "core/fd.h"
#include "core/files.h"

namespace vitalsd {

class PsiTriggers {
 public:
  /// The only window that needs no privilege (Linux 6.5), and the time lost within one window that fires the trigger.
  static constexpr std::chrono::milliseconds kWindow{2000}, kThreshold{100};

  /// Readable when a trigger has fired. It does not show which one: polling an epoll set polls the triggers in it, and
  /// a trigger reports an event only once. The totals in the pressure files show which.
  int fd() const noexcept { return wake_.fd(); }
  /// Arms a trigger until the returned descriptor is closed. `kind` is "some" or "full". Errors: unavailable (no such
  /// file, or not on a kernel file system), denied, io: if a resource had run out, try again later (core/retry.h).
  Result<Fd> arm(const FileSource& files, std::string_view path, std::string_view kind);

 private:
  WakeSet wake_;
};

}  // namespace vitalsd
