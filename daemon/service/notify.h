// Reports states to the service manager: the datagrams of sd_notify(3), spoken directly. Without a manager nothing
// happens.
//   notify.ready("15 collectors");  ...  notify.watchdog();
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/fd.h"

namespace vitalsd {

class Notify {
 public:
  using Environment = std::map<std::string, std::string, std::less<>>;

  /// Reads NOTIFY_SOCKET (a path, or '@' and an abstract name), WATCHDOG_USEC and WATCHDOG_PID. Sends nothing yet.
  explicit Notify(const Environment& environment);

  /// Somebody listens.
  bool active() const noexcept { return static_cast<bool>(socket_); }
  /// How often watchdog() is due: half of what the manager waits; none when it does not watch this process.
  std::optional<std::chrono::nanoseconds> watchdog_interval() const noexcept { return watchdog_; }

  void ready(std::string_view status);
  /// A reload has begun; ready() ends it. MONOTONIC_USEC is its time (CLOCK_MONOTONIC), as Type=notify-reload wants.
  void reloading();
  void stopping();
  /// The start or the end, whichever is under way, may take so much longer from now on.
  void extend(std::chrono::nanoseconds longer);
  void watchdog();
  /// One line for people; sent when it differs from the last.
  void status(std::string_view text);

 private:
  enum class Keep : bool { no, yes };
  /// Sends what is pending and `lines`; never waits. When the manager's queue is full, `lines` are kept if so wanted
  /// and go with the next message.
  bool send(std::string_view lines, Keep keep);

  Fd socket_;
  std::string address_;  ///< as in sun_path
  std::optional<std::chrono::nanoseconds> watchdog_;
  std::string pending_;
  std::string status_;
};

}  // namespace vitalsd
