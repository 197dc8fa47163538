// Receives the exits of processes, with their status, from the kernel's process connector as they happen
// (Documentation/driver-api/connector.rst, drivers/connector/cn_proc.c).
//   ExitEvents exits; loop: exits.receive(); pool: for (const auto& exit : exits.take(buffer)) ...
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kit/wake_set.h"
#include "core/fd.h"
#include "core/result.h"
#include "core/retry.h"

namespace vitalsd {

struct ProcessExit {
  std::int32_t pid = 0;
  std::int32_t parent = 0;
  std::uint32_t status = 0;  ///< as waitpid() returns it
};

/// Parses one message. Returns false if it is not the exit of a process (of its first thread, not of others).
bool parse_exit_event(std::span<const char> message, ProcessExit& exit);

class ExitEvents {
 public:
  static constexpr std::size_t kQueueLimit = 65'536;

  /// Unavailable without the right to listen (root, before Linux 6.6) or in a container; then no event ever comes. If a
  /// resource had run out, renew() tries again.
  ExitEvents();
  /// Asks again when it is time; on the pool, as take().
  void renew(std::chrono::steady_clock::time_point now);
  /// Why it is not available, where that may change.
  std::optional<Error> lack() const noexcept { return lack_; }

  bool available() const noexcept { return static_cast<bool>(socket_); }
  /// Readable when processes have ended.
  int fd() const noexcept { return wake_.fd(); }
  /// Moves waiting events from the socket to the queue without blocking. Called on the loop, so that the kernel's
  /// buffer does not fill.
  void receive() noexcept;
  /// Replaces `out` by all events since the previous call.
  std::span<const ProcessExit> take(std::vector<ProcessExit>& out);
  /// How often the kernel or the queue dropped events.
  std::uint64_t lost() const;

 private:
  void open();
  static Result<void> subscribe(int socket);

  WakeSet wake_;  // of the socket, which may come later
  Fd socket_;
  Retry retry_;
  std::optional<Error> lack_;
  mutable std::mutex mutex_;
  std::vector<ProcessExit> queue_;
  std::uint64_t lost_ = 0;
};

}  // namespace vitalsd
