// Tells of the end of processes at once: an epoll set of pidfds (pidfd_open(2)), itself a descriptor to wait for.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/fd.h"
#include "core/result.h"

namespace vitalsd {

class PidWatch {
 public:
  /// Without a set (no descriptors left) ticks find out; each watch() asks for one again.
  PidWatch();

  /// Readable while a watched process has ended and its end was not taken, or -1.
  int fd() const noexcept { return epoll_.get(); }

  /// A pidfd of the process that has this pid now, in the set under `key`. The caller makes sure whose it is, and gives
  /// it back to forget(). Errors: vanished, unavailable (too old a kernel, or the pid of a thread), denied, io.
  Result<Fd> watch(std::int32_t pid, std::uint32_t key);

  /// Takes a pidfd out of the set and closes it; an empty one is left alone.
  void forget(Fd& pidfd) noexcept;
  /// Takes it out of the set and leaves it open.
  Fd release(Fd& pidfd) noexcept;

  /// Calls `ended(key)` for each watched process that has ended; it must forget() that pidfd.
  template <class Ended>
  void take_ended(Ended ended) {
    std::uint32_t key = 0;
    while (next_ended(key)) ended(key);
  }

  /// True once the process of this pidfd has ended, waited for or not.
  static bool has_ended(const Fd& pidfd) noexcept;

 private:
  bool next_ended(std::uint32_t& key) const noexcept;
  Fd epoll_;
};

}  // namespace vitalsd
