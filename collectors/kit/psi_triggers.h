// Asks the kernel to tell at once when too much time is lost (Documentation/accounting/psi.rst): the pressure collector
// is then run without waiting for its tick.
//   Fd kept = triggers.arm(*host.procfs, "pressure/memory", "some").value(); loop: poll triggers.fd()
#pragma once

#include <chrono>
#include <string_view>

#include "core/fd.h"
#include "core/files.h"

namespace vitalsd {

class PsiTriggers {
 public:
  /// The only window that needs no privilege (Linux 6.5), and the time lost in one of them that is told.
  static constexpr std::chrono::milliseconds kWindow{2000}, kThreshold{100};

  PsiTriggers();

  /// Readable when a trigger has fired. Which one cannot be told: asking an epoll set whether it is readable asks the
  /// triggers in it, and a trigger answers once. The totals tell.
  int fd() const noexcept { return epoll_.get(); }
  /// `kind` is "some" or "full". The trigger is armed until what is returned is closed. Errors: unavailable (no such
  /// file, or not the kernel's), denied, io: where something had run out, to be asked for again (core/retry.h).
  Result<Fd> arm(const FileSource& files, std::string_view path, std::string_view kind);

 private:
  Fd epoll_;
};

}  // namespace vitalsd
