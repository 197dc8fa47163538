// Reads a file of any length in windows of whole lines, using the run's buffer. A file that has a line for each socket
// may have many megabytes.
//   const auto read = each_window(context, fd, "net/tcp", [&](std::string_view lines) { return add(lines, states); });
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "core/collector.h"

namespace vitalsd {

/// Enough for more than a million sockets.
inline constexpr std::size_t kMostWindowed = 256U << 20U;

/// `take(lines)` returns a Result<void>; an error ends the reading. Errors: malformed (a line exceeds the window or the
/// last one has no newline), too_large, timed_out, or the system's error.
template <class Take>
Result<void> each_window(CollectContext& context, int fd, std::string_view name, Take take,
                         std::size_t most_bytes = kMostWindowed) {
  constexpr std::size_t kWindow = 64U << 10U;
  std::string& buffer = context.buffer;
  if (buffer.size() < kWindow) buffer.resize(kWindow);
  std::size_t left = 0, total = 0;  // `left`: bytes of an incomplete line
  for (;;) {
    if (context.stop.stop_requested()) return fail(Errc::timed_out, name);
    const ssize_t got = ::read(fd, buffer.data() + left, kWindow - left);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(classify_errno(errno), name, errno);
    if (got == 0) return left == 0 ? Result<void>() : fail(Errc::malformed, name);
    total += static_cast<std::size_t>(got);
    if (total > most_bytes) return fail(Errc::too_large, name, EFBIG);
    const std::string_view text(buffer.data(), left + static_cast<std::size_t>(got));
    const std::size_t whole = text.rfind('\n') + 1;
    if (whole == 0 && text.size() == kWindow) return fail(Errc::malformed, name);
    if (whole != 0) {
      if (const Result<void> taken = take(text.substr(0, whole)); !taken) return taken;
    }
    left = text.size() - whole;
    std::memmove(buffer.data(), buffer.data() + whole, left);
  }
}

}  // namespace vitalsd
