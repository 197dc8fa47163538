// One descriptor that is readable while one of several is (epoll(7)): what a collector hands to the loop that waits for
// more than one, or for one that comes and goes.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "core/fd.h"
#include "core/result.h"

namespace vitalsd {

/// `made` itself, as a collector cannot do without it. Throws std::system_error where the kernel has refused it, which
/// refuses the configuration with that line: a collector that went on would miss what it is there for, silently.
Fd required_fd(int made, const char* call);

class WakeSet {
 public:
  /// With these in it. Throws as required_fd() does.
  explicit WakeSet(std::initializer_list<int> required = {});

  int fd() const noexcept { return epoll_.get(); }
  /// `where` names the descriptor in the error.
  Result<void> add(int fd, std::string_view where, std::uint32_t events = EPOLLIN) noexcept;
  /// Needed only where the descriptor is not closed, or has duplicates.
  void remove(int fd) noexcept;

 private:
  Fd epoll_;
};

}  // namespace vitalsd
