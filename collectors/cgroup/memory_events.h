// Notices at once that a cgroup's memory.events changed (version 2: Documentation/admin-guide/cgroup-v2.rst).
//   events.begin(); for each cgroup: events.watch(files, "/a/b"); events.end(); loop: poll events.fd()
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/fd.h"
#include "core/files.h"

namespace vitalsd {

class MemoryEvents {
 public:
  static constexpr std::size_t kMostWatched = 1024;

  MemoryEvents();

  /// Readable when something changed, until begin() is called.
  int fd() const noexcept { return inotify_.get(); }
  /// Called on the loop when fd() is readable: whether a round may begin already. A storm of events costs at most a
  /// twentieth of a core.
  bool may_run(std::chrono::steady_clock::time_point now) const noexcept;

  /// Takes what has come; then every cgroup that is still there is named, and the others are forgotten.
  void begin();
  void watch(const FileSource& files, std::string_view id);
  void end(std::chrono::steady_clock::time_point begun, std::chrono::steady_clock::time_point ended);

 private:
  struct Watched {
    int descriptor = -1;
    std::uint64_t round = 0;
  };
  Fd inotify_;
  std::uint64_t round_ = 0;
  std::map<std::string, Watched, std::less<>> watched_;
  std::string path_;
  std::atomic<std::chrono::steady_clock::time_point> not_before_{};
};

}  // namespace vitalsd
