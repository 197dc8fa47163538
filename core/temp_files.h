// Temporary files with one owner: a directory of the daemon's own, which is swept when it is opened and when it is
// closed, so that nothing outlives the process for longer than its next start.
//   auto files = TempFiles::open("/var/lib/vitalsd", "tmp"); auto file = (*files)->make(); file->append(bytes);
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/fd.h"
#include "core/result.h"

namespace vitalsd {

/// One temporary file; its name goes with the object. Its calls block: not for the loop.
class TempFile {
 public:
  TempFile(std::shared_ptr<const Fd> directory, std::string name, Fd fd)
      : directory_(std::move(directory)), name_(std::move(name)), fd_(std::move(fd)) {}
  ~TempFile();
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;

  Result<void> append(std::string_view bytes) const;
  /// All of it, from its begin; too_large when it is longer than `limit`.
  Result<void> read(std::string& out, std::size_t limit) const;

 private:
  std::shared_ptr<const Fd> directory_;
  std::string name_;
  Fd fd_;
};

/// Any thread may make files.
class TempFiles {
 public:
  /// `parent`/`name`, made with mode 0700 where it is not there. Errors: denied (it is a link, of another user, or open
  /// to others), unavailable (`parent` is not there), io (another process uses it: EBUSY).
  static Result<std::shared_ptr<TempFiles>> open(const std::string& parent, const std::string& name);
  /// Removes what is left.
  ~TempFiles();
  explicit TempFiles(Fd directory) : directory_(std::make_shared<const Fd>(std::move(directory))) {}
  TempFiles(const TempFiles&) = delete;
  TempFiles& operator=(const TempFiles&) = delete;

  /// A new and empty one, mode 0600.
  Result<std::shared_ptr<TempFile>> make();

 private:
  void sweep() const;

  std::shared_ptr<const Fd> directory_;
};

}  // namespace vitalsd
