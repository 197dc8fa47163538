// Watches directories for files that were written, came or went (inotify(7)), and asks again where the system refuses
// it.
//   loop: if (watch.woken()) run;   run: watch.begin(now, context.woken); if (const auto w = watch.add(directory, now);
//   !w) report(w.error());
#pragma once

#include <sys/inotify.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/kit/wake_set.h"
#include "core/fd.h"
#include "core/result.h"

namespace vitalsd {

class DirectoryWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// What is asked of the system; others in tests.
  struct Calls {
    int (*init)(int flags) = &::inotify_init1;
    int (*add)(int fd, const char* path, std::uint32_t mask) = &::inotify_add_watch;
  };
  static constexpr std::size_t kMost = 1024;
  static constexpr std::chrono::seconds kFirstPause{10};
  static constexpr std::chrono::minutes kLongestPause{10};
  /// After a run that was asked for, so that who writes all the time costs one run a second.
  static constexpr std::chrono::seconds kRest{1};

  /// Watches names that end so. Without `wanted` it takes no descriptor and never wakes.
  DirectoryWatch(bool wanted, std::string_view suffix, Calls calls);
  DirectoryWatch(bool wanted, std::string_view suffix) : DirectoryWatch(wanted, suffix, Calls{}) {}

  /// Readable when something may have changed; -1: never.
  int fd() const noexcept { return wake_ ? wake_->fd() : -1; }
  /// On the loop: takes the kernel's events. Whether a run is wanted now.
  bool woken() noexcept;

  /// A run begins, `asked` for by woken() or not: what changes from here on wants another one.
  void begin(Time now, bool asked) noexcept;
  /// Watches a directory from now on, also when it is another one under its old name. True: it is watched. False: the
  /// system has refused it before, and is asked again later. An error is a refusal, reported each time that it was
  /// asked.
  Result<bool> add(const std::string& directory, Time now);
  /// Ends the watches of directories that were not added since begin().
  void end() noexcept;

  std::size_t refused() const noexcept { return refused_; }

 private:
  struct Watched {
    int id = -1;
    bool seen = false;
  };

  Result<void> open();
  bool is_of_interest(const inotify_event& event) const noexcept;

  Calls calls_;
  std::string_view suffix_;
  std::optional<WakeSet> wake_;
  Fd changed_;  // an eventfd, readable from woken() until the next begin()
  Fd inotify_;
  std::atomic<int> reader_ = -1;  // inotify's descriptor, for the loop
  std::atomic<bool> is_changed_ = false;
  std::atomic<Time::rep> rested_ = 0;  // when the next run may be asked for
  std::map<std::string, Watched, std::less<>> watched_;
  std::size_t refused_ = 0;  // in the present run
  Time retry_{};
  std::chrono::nanoseconds pause_ = kFirstPause;
  bool failing_ = false;  // the last attempt was refused
};

}  // namespace vitalsd
