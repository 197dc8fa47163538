// Sends the service manager the datagrams of sd_notify(3). Without a manager nothing happens.
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

  /// Whether there is a manager to send to.
  bool active() const noexcept { return static_cast<bool>(socket_); }
  /// How often watchdog() is due: half of the manager's timeout. None when the manager does not watch this process.
  std::optional<std::chrono::nanoseconds> watchdog_interval() const noexcept { return watchdog_; }

  void ready(std::string_view status);
  /// Says that a reload has begun; ready() ends it. Sends the time as MONOTONIC_USEC, which Type=notify-reload needs.
  void reloading();
  void stopping();
  /// Asks for `longer`, from now, to finish the start or the stop that is under way.
  void extend(std::chrono::nanoseconds longer);
  void watchdog();
  /// One line for people; sent only if it differs from the last one.
  void status(std::string_view text);

 private:
  enum class Keep : bool { no, yes };
  /// Sends what is pending and then `lines`; never waits. When the manager's queue is full, Keep::yes keeps `lines` for
  /// the next message.
  bool send(std::string_view lines, Keep keep);

  Fd socket_;
  std::string address_;  ///< as in sun_path
  std::optional<std::chrono::nanoseconds> watchdog_;
  std::string pending_;
  std::string status_;
};

}  // namespace vitalsd
