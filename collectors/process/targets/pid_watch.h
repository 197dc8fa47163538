// Wakes the daemon when a watched process ends: an epoll set of pidfds (pidfd_open(2)), itself a pollable descriptor.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/fd.h"
#include "core/result.h"

namespace vitalsd {

class PidWatch {
 public:
  /// If no epoll set can be made (no descriptors left), ends are only noticed by the collector's regular runs; each
  /// watch() tries again.
  PidWatch();

  /// Readable while an end of a watched process was not yet taken; -1 without a set.
  int fd() const noexcept { return epoll_.get(); }

  /// Opens a pidfd of the process that has this pid now, and adds it to the set under `key`. The caller checks that it
  /// is the intended process, and later calls forget(). Errors: vanished, unavailable (old kernel, or the pid of a
  /// thread), denied, io.
  Result<Fd> watch(std::int32_t pid, std::uint32_t key);

  /// Removes a pidfd from the set and closes it. Does nothing if it is empty.
  void forget(Fd& pidfd) noexcept;
  /// Removes a pidfd from the set and leaves it open.
  Fd release(Fd& pidfd) noexcept;

  /// Calls `ended(key)` for each watched process that has ended. `ended` must forget() or release() that pidfd.
  template <class Ended>
  void take_ended(Ended ended) {
    std::uint32_t key = 0;
    while (next_ended(key)) ended(key);
  }

  /// Whether the process of this pidfd has ended, even if it is still a zombie.
  static bool has_ended(const Fd& pidfd) noexcept;

 private:
  bool next_ended(std::uint32_t& key) const noexcept;
  Fd epoll_;
};

}  // namespace vitalsd
