// Reads the kernel's log from where it ends when it is opened (/dev/kmsg), and never waits for it.
//   KernelLog log; if (auto opened = log.open(files); opened) for (auto r = log.next(buffer); r && *r; r =
//   log.next(buffer))
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "collectors/formats/kmsg.h"
#include "collectors/kit/wake_set.h"
#include "core/collector.h"
#include "core/fd.h"

namespace vitalsd {

class KernelLog {
 public:
  /// After a run that was asked for, so that a storm of messages costs one run a second.
  static constexpr std::chrono::seconds kRest{1};

  /// Readable when there are messages. Takes none while it is not open.
  int fd() const noexcept { return wake_.fd(); }
  /// On the loop: whether a run is wanted now.
  bool woken() const noexcept;
  /// A run begins, `asked` for by woken() or not.
  void begin(bool asked) noexcept;

  bool is_open() const noexcept { return static_cast<bool>(log_); }
  /// Unavailable where something else is in its place: containers have a FIFO there.
  Result<void> open(const Host& host, std::string_view path);
  /// The same of a descriptor whose reads give a record each.
  Result<void> take(Fd log);
  void close() noexcept;

  /// The next record, nothing where there is none yet; its text lives in `buffer`. Malformed: one that makes no sense,
  /// the next one may. Other errors: the log cannot be read any more.
  Result<std::optional<kmsg::Record>> next(std::string& buffer);
  /// How many the kernel overwrote before they were read.
  std::uint64_t lost() const noexcept { return lost_; }

 private:
  WakeSet wake_;
  Fd log_;
  std::atomic<std::chrono::steady_clock::rep> rested_ = 0;  // when the next run may be asked for
  std::optional<std::uint64_t> expected_;                   // the sequence of the next record
  std::uint64_t lost_ = 0;
};

}  // namespace vitalsd
