// Measures what lies below one directory, a bounded number of entries at a time, so that a large tree takes several
// turns. Follows no link and enters no other mount.
//   DirectoryWalk walk("/var/log"); while (walk.step(10'000, stop) == DirectoryWalk::State::going) {}  walk.found()
#pragma once

#include <dirent.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/fd.h"
#include "core/result.h"

namespace vitalsd {

class DirectoryWalk {
 public:
  enum class State : std::uint8_t { going, done };

  struct Found {
    std::uint64_t bytes = 0;        ///< of regular files, by their sizes; one with several names counts by each
    std::uint64_t allocated = 0;    ///< bytes that they take on the disk
    std::uint64_t files = 0;        ///< regular ones
    std::uint64_t directories = 0;  ///< below it
    std::optional<std::int64_t> oldest, newest;  ///< modification of regular files, unixtime
    std::uint64_t unreadable = 0;                ///< directories that could not be read: all else is too little then
    Error first_unreadable{Errc::denied};
  };

  explicit DirectoryWalk(std::string path) : path_(std::move(path)) {}

  /// Takes up to `entries` entries; begins anew after State::done. An error is of the directory itself, and begins anew
  /// too. May wait for the file system: call it where that harms nobody.
  Result<State> step(std::size_t entries, const std::stop_token& stop);
  /// Of the walk that was done last; while one is going, what it has so far.
  const Found& found() const noexcept { return found_; }

 private:
  struct Close {
    void operator()(DIR* directory) const noexcept { ::closedir(directory); }
  };

  Result<void> begin();
  bool enter();
  void take(const dirent& entry);
  void count_file(const char* name);
  void lose(int sys);
  bool remember(const char* name);

  std::string path_;
  Found found_;
  bool going_ = false;
  std::uint64_t device_ = 0;
  std::vector<std::string> pending_;  // directories to read, relative to path_
  std::size_t pending_bytes_ = 0;
  std::string current_;                    // the one that is read
  std::unique_ptr<DIR, Close> directory_;  // of a turn that ended within it
};

}  // namespace vitalsd
